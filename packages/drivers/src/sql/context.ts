import { fault } from '@pawl/core';
import type { JsonValue, Page, PageRequest } from '@pawl/core';
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** What a noun's store queries with. In a transaction `db` is that transaction. */
export interface Sql {
  readonly db: Kysely<Schema>;
  readonly engine: 'sqlite' | 'postgres';
  /** For reads that may be long, where `db` would make all else wait for them; absent in a transaction. See `forBulk`. */
  readonly bulk?: Kysely<Schema>;
}

/** The handle for a read that may be long. */
export function forBulk(sql: Sql): Sql {
  return sql.bulk === undefined ? sql : { db: sql.bulk, engine: sql.engine };
}

export type CursorKind = 'number' | 'string';

type CursorPart<Kind extends CursorKind> = Kind extends 'number' ? number : string;

export type CursorParts<Kinds extends readonly CursorKind[]> = { -readonly [Index in keyof Kinds]: CursorPart<Kinds[Index]> };

/** The opaque cursor of a row: the values of the columns that its page is ordered by. */
export function toCursor(...parts: readonly (number | string)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Reads a cursor made by `toCursor`; undefined on the first page. Throws `invalid_cursor`. */
export function fromCursor<const Kinds extends readonly CursorKind[]>(page: PageRequest, kinds: Kinds): CursorParts<Kinds> | undefined {
  if (page.after === undefined) return undefined;
  const parts = parse(page.after);
  if (Array.isArray(parts) && parts.length === kinds.length && parts.every((part, at) => fits(part, kinds[at]))) {
    return parts as CursorParts<Kinds>;
  }
  throw fault('invalid_cursor', { cursor: page.after });
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function fits(part: unknown, kind: CursorKind | undefined): boolean {
  return kind === 'number' ? Number.isSafeInteger(part) : typeof part === 'string' && !part.includes('\u0000');
}

/** Makes a page of the rows of a query that asked for `limit + 1`: the one too many tells that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > limit && last !== undefined ? { items, next: cursorOf(last) } : { items };
}

/** JSON for a text column. Throws RangeError on NaN and infinities, which JSON would turn into null unseen. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member)) throw new RangeError(`JSON cannot hold the ${member} at "${key}"`);
    return member;
  });
}

/** A JSON column as the type it was written from. */
export function fromJson<Value = JsonValue>(text: string): Value {
  return JSON.parse(text) as Value;
}

/** Whether an insert or update changed a row. */
export function touched(
  results: readonly { readonly numInsertedOrUpdatedRows?: bigint | undefined; readonly numUpdatedRows?: bigint }[],
): boolean {
  return results.some((result) => (result.numInsertedOrUpdatedRows ?? result.numUpdatedRows ?? 0n) > 0n);
}
