import { z } from 'zod';

export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'use letters, digits, dot, dash and underscore, at most 128')
  .describe('A name: letters, digits, dot, dash, underscore.');

export const idSchema = z.string().regex(/^[0-9a-f]{32}$/, 'use the 32 hex digits of an id').describe('32 hex digits.');

export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'use sha256: and 64 hex digits').describe('sha256:<hex>.');

export const versionSchema = z.coerce.number().int().min(1).max(999_999_999).describe('A version number: 1, 2, 3, …');

/** A moment, RFC 3339 in UTC. */
export const timeSchema = z.iso.datetime().describe('RFC 3339, UTC.');

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Most items of one answer.'),
  after: z.string().max(1000).optional().describe('Cursor: `next` of the answer before.'),
});

export function pageOf<Item extends z.ZodType>(item: Item): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodOptional<z.ZodString> }> {
  return z.object({ items: z.array(item), next: z.string().optional().describe('Absent on the last page.') });
}

export function toTime(epochMs: number): string;
export function toTime(epochMs: number | null): string | null;
export function toTime(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}

/** Drops the cursor when the client gave none: an absent member and an undefined one are not the same to the stores. */
export function toPageRequest(query: z.infer<typeof pageQuery>): { limit: number; after?: string } {
  return query.after === undefined ? { limit: query.limit } : { limit: query.limit, after: query.after };
}
