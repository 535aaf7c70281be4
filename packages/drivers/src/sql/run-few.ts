import type { Comparison, Filter, RunSearch } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Sql } from './context.ts';
import { toConditions } from './run-plan.ts';
import type { Found, Plan, Position } from './run-plan.ts';
import { toNumber } from './search/compile.ts';
import { toNumberList } from './search/ids.ts';
import { toAfter, toOrderBy, toOrderColumns } from './search/order.ts';

/** Rows of an index up to which it is cheaper to look up the run of each than to scan all; on PostgreSQL, than to leave the way to its planner. */
const FEW = { sqlite: 20_000, postgres: 1000 } as const;
/** Clauses that are counted; one of the first is as good as any. */
const MOST_CLAUSES = 4;
/** Characters of a param or tag that are indexed; see migration 0013. */
const INDEXED = 100;

const ranges: readonly string[] = ['=', '<', '<=', '>', '>='];

export interface Few {
  /** At most so many runs meet the filter. */
  readonly count: number;
  /** The page. */
  find(plan: Plan, position: Position): Promise<readonly Found[]>;
}

/** Of the clauses that every run must meet, the one that lets the fewest through; undefined when none lets few. */
export async function toFew(context: Sql, request: RunSearch): Promise<Few | undefined> {
  const clauses = toClauses(request.filter).flatMap((clause) => toEntries(context, request, clause) ?? []);
  const most = FEW[context.engine];
  const some = clauses.slice(0, MOST_CLAUSES);
  if (some.length === 0) return undefined;
  const counts = some.map(
    (entries, at) => sql`(select count(*) from (select 1 from ${entries} limit ${most}) as c) as ${sql.ref(`c${at}`)}`,
  );
  const { rows } = await sql<Record<string, number>>`select ${sql.join(counts)}`.execute(context.db);
  const [least] = some.map((entries, at) => ({ entries, count: rows[0]?.[`c${at}`] ?? most })).toSorted((a, b) => a.count - b.count);
  if (least === undefined || least.count >= most) return undefined;
  const { entries, count } = least;
  return { count, find: async (plan, position) => (count === 0 ? [] : among(context, request, plan, position, entries)) };
}

async function among(
  { db, engine }: Sql,
  request: RunSearch,
  { terms, joins }: Plan,
  position: Position,
  entries: RawBuilder<unknown>,
): Promise<readonly Found[]> {
  const conditions = toConditions(engine, request, 'few.run');
  if (position !== undefined) conditions.push(toAfter(engine, terms, position));
  // A cross join: SQLite takes the order of its tables as it is written.
  const { rows } = await sql<Found>`
    select run.number, ${toOrderColumns(terms)} from (select e.run from ${entries}) as few cross join run ${sql.join(joins, sql` `)}
    where run.number = few.run and ${sql.join(conditions, sql` and `)}
    order by ${toOrderBy(terms)} limit ${request.limit + 1}`.execute(db);
  return rows;
}

/** The comparisons that must all hold. */
function toClauses(filter: Filter | undefined): readonly Comparison[] {
  if (filter?.kind === 'compare') return [filter];
  return filter?.kind === 'and' ? filter.parts.flatMap(toClauses) : [];
}

/** The rows of an index that meet a clause, one a run, as `table AS e WHERE …`; undefined for a clause that no index answers. */
function toEntries({ engine }: Sql, { experiments }: RunSearch, clause: Comparison): RawBuilder<unknown> | undefined {
  const { entity, key, comparator, value } = clause;
  const [only] = experiments;
  const of = experiments.length === 1 ? sql`e.experiment = ${only}` : sql`e.experiment in ${toNumberList(engine, experiments)}`;
  if (entity === 'metric' && typeof value === 'number' && ranges.includes(comparator)) {
    return sql`run_latest as e where ${of} and e.key = ${key} and e.value ${sql.raw(comparator)} ${toNumber(engine, value)}`;
  }
  if (entity !== 'parameter' && entity !== 'tag') return undefined;
  const table = sql.table(entity === 'tag' ? 'run_tag' : 'run_param');
  const texts = comparator === '=' ? [value] : comparator === 'IN' && typeof value === 'object' ? (value ?? []) : [];
  // The whole filter still compares the rest of longer ones.
  const starts = texts.map((text) => Array.from(String(text)).slice(0, INDEXED).join(''));
  if (starts.length === 0) return undefined;
  return sql`${table} as e where ${of} and e.key = ${key} and substr(e.value, 1, 100) in (${sql.join(starts)})`;
}
