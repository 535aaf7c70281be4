import { fault } from '@pawl/core';
import type { JsonObject, JsonValue, Page } from '@pawl/core';
import { z } from 'zod';

export const idSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'use the 32 hex digits of an id')
  .describe('32 hex digits.');

export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'use sha256: and 64 hex digits')
  .describe('sha256:<hex>.');

export const versionSchema = z.coerce.number().int().min(1).max(999_999_999).describe('A version number: 1, 2, 3, …');

/** A dataset version as it is written: `mail:3`, or `mail` for the latest where a request may leave the choice open. */
export const refSchema = z.string().min(1).max(140).describe('`name:version`.');

/** A moment, RFC 3339 in UTC. */
export const timeSchema = z.iso.datetime().describe('RFC 3339, UTC.');

/** A moment as a client may write it, with any offset; epoch milliseconds inside. */
export const momentSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .describe('RFC 3339, with Z or an offset.');

export const textsSchema = z.record(z.string().min(1).max(250), z.string().max(10_000));

const specialSchema = z.enum(['NaN', 'Infinity', '-Infinity']);

/** A number that may be one of those that JSON cannot hold: these are written as text. */
export const numberSchema = z.union([z.number(), specialSchema]).describe('A number; "NaN", "Infinity" or "-Infinity" as text.');

/** Not `z.json()`: its inside would keep a name of its own in the OpenAPI document. */
export const jsonSchema: z.ZodType<JsonValue> = z
  .lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonSchema), z.record(z.string(), jsonSchema)]))
  .meta({ id: 'Json' });

export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), jsonSchema);

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Most items of one answer.'),
  after: z.string().max(1000).optional().describe('Cursor: `next` of the answer before.'),
});

export function pageOf<Item extends z.ZodType>(item: Item): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodOptional<z.ZodString> }> {
  return z.object({ items: z.array(item), next: z.string().optional().describe('Absent on the last page.') });
}

/** The index after which a page of a fan-out's elements begins. Throws `invalid_cursor`. */
export function toIndex(cursor: string | undefined): number {
  if (cursor === undefined) return -1;
  if (!/^[0-9]{1,9}$/.test(cursor)) throw fault('invalid_cursor', { cursor });
  return Number(cursor);
}

const FIRST_MOMENT = Date.parse('0000-01-01T00:00:00Z');
const LAST_MOMENT = Date.parse('9999-12-31T23:59:59.999Z');

/** Moments that RFC 3339 cannot write (a client of another protocol may send nanoseconds) become the nearest that it can. */
export function toTime(epochMs: number): string;
export function toTime(epochMs: number | null): string | null;
export function toTime(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(Math.min(LAST_MOMENT, Math.max(FIRST_MOMENT, epochMs))).toISOString();
}

export function toNumber(value: number): z.infer<typeof numberSchema> {
  return Number.isFinite(value) ? value : (String(value) as z.infer<typeof specialSchema>);
}

/** Drops the cursor when the client gave none: an absent member and an undefined one are not the same to the stores. */
export function toPageRequest(query: z.infer<typeof pageQuery>): { limit: number; after?: string } {
  return query.after === undefined ? { limit: query.limit } : { limit: query.limit, after: query.after };
}

/** One page of a list that its store gives whole, in a fixed order; `keyOf` tells its items apart. Throws `invalid_cursor`. */
export function pageFrom<Item>(all: readonly Item[], query: z.infer<typeof pageQuery>, keyOf: (item: Item) => string): Page<Item> {
  const start = query.after === undefined ? 0 : all.findIndex((item) => toCursor(keyOf(item)) === query.after) + 1;
  if (query.after !== undefined && start === 0) throw fault('invalid_cursor', { cursor: query.after });
  const items = all.slice(start, start + query.limit);
  const last = items.at(-1);
  return last === undefined || start + items.length >= all.length ? { items } : { items, next: toCursor(keyOf(last)) };
}

function toCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}
