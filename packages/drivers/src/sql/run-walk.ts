import type { RunSearch } from '@pawl/core';
import { sql } from 'kysely';
import type { Sql } from './context.ts';
import { toConditions, toPlan } from './run-plan.ts';
import type { Found, Position } from './run-plan.ts';
import { toNumber } from './search/compile.ts';
import { toAfter, toOrderBy, toOrderColumns } from './search/order.ts';
import type { OrderTerm } from './search/order.ts';

/** More entries of an index than the page needs that the first try reads: some runs are deleted. */
const SPARE = 0.25;
/** A later try reads so many times more than the share of runs found so far asks for. */
const MARGIN = 1.3;
/** Entries up to which looking up their runs in the index's order is thought cheaper than a scan. */
const FURTHEST = 40_000;
const TRIES = 3;

/**
 * The best runs by a metric, read in the order of its index until the page is full. As numbers come before NaN and what is missing, a full page is the right one;
 * undefined when it does not fill early, or the order is another.
 */
export async function walk(context: Sql, request: RunSearch, position: Position): Promise<readonly Found[] | undefined> {
  const [best] = request.orders;
  if (best?.entity !== 'metric' || request.experiments.length > 1 || (position !== undefined && position[0] !== 0)) return undefined;
  const wanted = request.limit + 1;
  let entries = Math.ceil(wanted * (1 + SPARE));
  for (let attempt = 0; attempt < TRIES && entries <= FURTHEST; attempt += 1) {
    const end = await valueAfter(context, request, entries, position?.[1]);
    const rows = await readUntil(context, request, end, position);
    if (rows.length >= wanted) return rows;
    if (end === undefined || rows.length === 0) return undefined;
    entries = Math.ceil(((entries * wanted) / rows.length) * MARGIN);
  }
  return undefined;
}

function toValue(descending: boolean): OrderTerm {
  return { value: sql.ref('best.value'), kind: 'number', descending };
}

async function readUntil({ db, engine }: Sql, request: RunSearch, end: number | undefined, position: Position): Promise<readonly Found[]> {
  const [best, ...others] = request.orders;
  if (best === undefined) return [];
  const rest = toPlan(others);
  const terms = [toValue(best.descending), ...rest.terms];
  const conditions = toConditions(engine, request);
  conditions.push(sql`best.experiment = ${request.experiments[0]} and best.key = ${best.key} and best.value is not null`);
  conditions.push(sql`run.number = best.run`);
  if (position !== undefined) conditions.push(toAfter(engine, terms, position.slice(1)));
  // Strictly before it: of values that are equal some may lie beyond.
  if (end !== undefined) conditions.push(sql`best.value ${sql.raw(best.descending ? '>' : '<')} ${toNumber(engine, end)}`);
  // A cross join: SQLite takes the order of its tables as it is written.
  const { rows } = await sql<Found>`
    select run.number, 0 as o0, ${toOrderColumns(terms, 1)} from run_latest as best cross join run ${sql.join(rest.joins, sql` `)}
    where ${sql.join(conditions, sql` and `)} order by ${toOrderBy(terms)} limit ${request.limit + 1}`.execute(db);
  return rows;
}

/** The value that many entries further along the index; undefined when it ends before. */
async function valueAfter(
  { db, engine }: Sql,
  { experiments, orders }: RunSearch,
  entries: number,
  from: string | number | undefined,
): Promise<number | undefined> {
  const [best] = orders;
  if (best === undefined) return undefined;
  const { value, descending } = toValue(best.descending);
  const start = from === undefined ? sql`` : sql`and ${value} ${sql.raw(descending ? '<=' : '>=')} ${toNumber(engine, Number(from))}`;
  const { rows } = await sql<{ value: number }>`
    select best.value from run_latest as best
    where best.experiment = ${experiments[0]} and best.key = ${best.key} and best.value is not null ${start}
    order by best.value ${sql.raw(descending ? 'desc' : 'asc')} limit 1 offset ${entries}`.execute(db);
  return rows[0]?.value;
}
