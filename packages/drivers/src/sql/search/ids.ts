import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Sql } from '../context.ts';

/** The right side of `in`, for as many texts as there are: one parameter, so that the statement stays prepared and short. */
export function toTextList(engine: Sql['engine'], texts: readonly string[]): RawBuilder<unknown> {
  return engine === 'sqlite'
    ? sql`(select value from json_each(${JSON.stringify(texts)}))`
    : sql`(select unnest(cast(${texts} as text[])) collate "C")`;
}

/** The same of whole numbers. */
export function toNumberList(engine: Sql['engine'], numbers: readonly number[]): RawBuilder<unknown> {
  return engine === 'sqlite'
    ? sql`(select value from json_each(${JSON.stringify(numbers)}))`
    : sql`(select unnest(cast(${numbers} as bigint[])))`;
}
