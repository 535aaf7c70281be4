import type { RunSearch } from '@pawl/core';
import { sql } from 'kysely';
import type { Sql } from './context.ts';
import { toConditions, toPlan } from './run-plan.ts';
import type { Found, Position } from './run-plan.ts';
import { toNumber } from './search/compile.ts';
import { toAfter, toOrderBy, toOrderColumns } from './search/order.ts';
import type { OrderTerm } from './search/order.ts';

/** Where runs are filtered, the first entries tell how many have to be read. */
const SAMPLE = 500;
/** Without a filter, more entries than the page needs: some runs are deleted. */
const SPARE = 1.25;
/** Entries read beyond what the share of runs found so far asks for. */
const MARGIN = 1.15;
/** Entries up to which looking up their runs in the order of the index is thought cheaper than a scan of all. */
const FURTHEST = 40_000;
const TRIES = 4;
/** Entries up to which it is not asked whether another way is shorter. */
const NEAR = 10_000;

/**
 * The best runs by a metric, read in the order of its index until the page is full. As numbers come before NaN and what is missing, a full page is the right one;
 * undefined when the order is another, or the page fills too late.
 * @param countOthers how many runs another way would look up; undefined when there is none
 */
export async function walk(
  context: Sql,
  request: RunSearch,
  position: Position,
  countOthers: () => Promise<number | undefined>,
): Promise<readonly Found[] | undefined> {
  if (!canWalk(request, position)) return undefined;
  const wanted = request.limit + 1;
  const rows: Found[] = [];
  let start = position?.[1] === undefined ? undefined : Number(position[1]);
  let read = 0;
  let next = request.filter === undefined ? Math.ceil(wanted * SPARE) : SAMPLE;
  for (let attempt = 0; attempt < TRIES && read + next <= FURTHEST; attempt += 1) {
    if (read + next > NEAR && read + next > ((await countOthers()) ?? FURTHEST)) return undefined;
    const end = await valueAfter(context, request, next, start);
    rows.push(...(await readBetween(context, request, start, end, position)));
    if (rows.length >= wanted) return rows.slice(0, wanted);
    if (end === undefined || end === start || rows.length === 0) return undefined;
    start = end;
    read += next;
    next = Math.ceil((read * (wanted - rows.length) * MARGIN) / rows.length) + SAMPLE;
  }
  return undefined;
}

/** The same in one read, whose planner ends it when the page is full. */
export async function walkWhole(context: Sql, request: RunSearch, position: Position): Promise<readonly Found[] | undefined> {
  if (!canWalk(request, position)) return undefined;
  const rows = await readBetween(context, request, undefined, undefined, position);
  return rows.length > request.limit ? rows : undefined;
}

/** Pages of one experiment that begin among runs whose value is a number. */
function canWalk({ orders, experiments }: RunSearch, position: Position): boolean {
  return orders[0]?.entity === 'metric' && experiments.length === 1 && (position === undefined || position[0] === 0);
}

function toValue(descending: boolean): OrderTerm {
  return { value: sql.ref('best.value'), kind: 'number', descending };
}

/** Runs whose value is `start` or comes after it, and comes before `end`. */
async function readBetween(
  { db, engine }: Sql,
  request: RunSearch,
  start: number | undefined,
  end: number | undefined,
  position: Position,
): Promise<readonly Found[]> {
  const [best, ...others] = request.orders;
  if (best === undefined) return [];
  const rest = toPlan(others);
  const terms = [toValue(best.descending), ...rest.terms];
  const conditions = toConditions(engine, request, 'best.run');
  conditions.push(sql`best.experiment = ${request.experiments[0]} and best.key = ${best.key} and best.value is not null`);
  conditions.push(sql`run.number = best.run`);
  if (position !== undefined) conditions.push(toAfter(engine, terms, position.slice(1)));
  // Strictly before it: of values that are equal some may lie beyond.
  if (end !== undefined) conditions.push(sql`best.value ${sql.raw(best.descending ? '>' : '<')} ${toNumber(engine, end)}`);
  if (start !== undefined) conditions.push(sql`best.value ${sql.raw(best.descending ? '<=' : '>=')} ${toNumber(engine, start)}`);
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
  from: number | undefined,
): Promise<number | undefined> {
  const [best] = orders;
  if (best === undefined) return undefined;
  const { value, descending } = toValue(best.descending);
  const start = from === undefined ? sql`` : sql`and ${value} ${sql.raw(descending ? '<=' : '>=')} ${toNumber(engine, from)}`;
  const { rows } = await sql<{ value: number }>`
    select best.value from run_latest as best
    where best.experiment = ${experiments[0]} and best.key = ${best.key} and best.value is not null ${start}
    order by best.value ${sql.raw(descending ? 'desc' : 'asc')} limit 1 offset ${entries}`.execute(db);
  return rows[0]?.value;
}
