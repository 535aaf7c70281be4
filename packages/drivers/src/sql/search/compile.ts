import type { Comparison, Filter } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { Sql } from '../context.ts';

/** Where a clause finds its value. */
export interface Place {
  /** The expression that is compared. */
  readonly value: RawBuilder<unknown>;
  /** For what lies in another table: `table AS t WHERE t.run = run.id AND t.key = …`, whose rows the clause asks for one of. */
  readonly from?: RawBuilder<unknown>;
  /** Whether the value may be NULL: then no comparison holds, unless `nan`. */
  readonly nullable?: boolean;
  /** Whether NULL stands for NaN, which differs from every number. */
  readonly nan?: boolean;
  /** What is compared with a number, where `value` is for texts; it may be NULL. */
  readonly number?: RawBuilder<unknown>;
  /** Clauses of one AND that share this word, and with it `from`, ask for one row that fits them all. */
  readonly together?: string;
}

/** Gives the place of each entity and key that the parser lets through. */
export type Places = (entity: string, key: string) => Place;

type Engine = Sql['engine'];

/** A filter as a condition that is true or false, never NULL: NOT of a clause on what is missing holds. */
export function toCondition(engine: Engine, filter: Filter, places: Places): RawBuilder<SqlBool> {
  switch (filter.kind) {
    case 'compare':
      return toClause(engine, filter, places(filter.entity, filter.key));
    case 'not':
      return sql<SqlBool>`not (${toCondition(engine, filter.part, places)})`;
    default: {
      const parts =
        filter.kind === 'and' ? toParts(engine, filter.parts, places) : filter.parts.map((part) => toCondition(engine, part, places));
      return sql<SqlBool>`(${sql.join(
        parts.map((part) => sql`(${part})`),
        filter.kind === 'and' ? sql` and ` : sql` or `,
      )})`;
    }
  }
}

/** The parts of an AND, with those that ask for one row made one. */
function toParts(engine: Engine, parts: readonly Filter[], places: Places): readonly RawBuilder<SqlBool>[] {
  const conditions: RawBuilder<SqlBool>[] = [];
  const together = new Map<string, { readonly from: RawBuilder<unknown>; readonly all: RawBuilder<SqlBool>[] }>();
  for (const part of parts) {
    const place = part.kind === 'compare' ? places(part.entity, part.key) : undefined;
    if (part.kind !== 'compare' || place?.together === undefined || place.from === undefined) {
      conditions.push(toCondition(engine, part, places));
      continue;
    }
    const { from, together: word, ...alone } = place;
    const group = together.get(word) ?? { from, all: [] };
    group.all.push(toClause(engine, part, alone));
    together.set(word, group);
  }
  for (const { from, all } of together.values()) {
    conditions.push(sql<SqlBool>`exists (select 1 from ${from} and ${sql.join(all, sql` and `)})`);
  }
  return conditions;
}

function toClause(engine: Engine, clause: Comparison, place: Place): RawBuilder<SqlBool> {
  const { comparator } = clause;
  const { from, nan = false } = place;
  const asNumber = place.number !== undefined && isNumeric(clause);
  const value = asNumber ? (place.number as RawBuilder<unknown>) : place.value;
  const nullable = asNumber || place.nullable === true;
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') {
    const there = from === undefined ? sql`${value} is not null` : sql`exists (select 1 from ${from})`;
    return comparator === 'IS NULL' ? sql<SqlBool>`not (${there})` : sql<SqlBool>`${there}`;
  }
  const compared = toComparison(engine, clause, value);
  let condition = compared;
  if (nan && comparator === '!=') condition = sql`(${value} is null or ${compared})`;
  else if (nullable || nan) condition = sql`(${value} is not null and ${compared})`;
  return from === undefined ? sql<SqlBool>`${condition}` : sql<SqlBool>`exists (select 1 from ${from} and ${condition})`;
}

function isNumeric({ value }: Comparison): boolean {
  return typeof (Array.isArray(value) ? value[0] : value) === 'number';
}

function toComparison(engine: Engine, { comparator, value: operand }: Comparison, value: RawBuilder<unknown>): RawBuilder<unknown> {
  if (typeof operand === 'object') {
    const list = sql`(${sql.join((operand ?? []).map((each) => sql`${each}`))})`;
    return comparator === 'IN' ? sql`${value} in ${list}` : sql`${value} not in ${list}`;
  }
  const bound = typeof operand === 'number' ? toNumber(engine, operand) : sql`${operand}`;
  switch (comparator) {
    // SQLite's LIKE knows no case; its GLOB does.
    case 'LIKE':
      return engine === 'sqlite' ? sql`${value} glob ${toGlob(String(operand))}` : sql`${value} like ${operand} escape ''`;
    case 'ILIKE':
      return engine === 'sqlite' ? sql`${value} like ${operand}` : sql`${value} ilike ${operand} escape ''`;
    case 'RLIKE':
      return engine === 'sqlite' ? sql`${value} regexp ${operand}` : sql`${value} ~ ${operand}`;
    case '!=':
      return sql`${value} <> ${bound}`;
    default:
      return sql`${value} ${sql.raw(comparator)} ${bound}`;
  }
}

/** PostgreSQL takes a parameter for the type of the column it is compared with, and a fraction is no bigint; a whole one stays one, for indexes. */
export function toNumber(engine: Engine, number: number): RawBuilder<unknown> {
  if (engine === 'sqlite') return sql`${number}`;
  return Number.isSafeInteger(number) ? sql`cast(${String(number)} as bigint)` : sql`cast(${String(number)} as double precision)`;
}

function toGlob(pattern: string): string {
  return pattern.replaceAll(/[*?[%_]/g, (character) => (character === '%' ? '*' : character === '_' ? '?' : `[${character}]`));
}
