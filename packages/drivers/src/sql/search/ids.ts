import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
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

/** Whether a column is one of some numbers. PostgreSQL looks each up in an index; from a list behind `in` it would make a table first. */
export function isOneOf(engine: Sql['engine'], column: RawBuilder<unknown>, numbers: readonly number[]): RawBuilder<SqlBool> {
  return engine === 'sqlite'
    ? sql<SqlBool>`${column} in ${toNumberList(engine, numbers)}`
    : sql<SqlBool>`${column} = any(cast(${numbers} as bigint[]))`;
}
