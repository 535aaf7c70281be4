import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Sql } from '../context.ts';

/** The right side of `in`, for as many texts as there are: one parameter, so that the statement stays prepared and short. */
export function toTextList(engine: Sql['engine'], texts: readonly string[]): RawBuilder<unknown> {
  const json = JSON.stringify(texts);
  return engine === 'sqlite'
    ? sql`(select value from json_each(${json}))`
    : sql`(select jsonb_array_elements_text(cast(${json} as jsonb)) collate "C")`;
}

/** The same of whole numbers. */
export function toNumberList(engine: Sql['engine'], numbers: readonly number[]): RawBuilder<unknown> {
  const json = JSON.stringify(numbers);
  return engine === 'sqlite'
    ? sql`(select value from json_each(${json}))`
    : sql`(select cast(jsonb_array_elements_text(cast(${json} as jsonb)) as bigint))`;
}
