import type { Page, RunDetail, RunSearch } from '@pawl/core';
import { sql } from 'kysely';
import { toPage } from './context.ts';
import type { Sql } from './context.ts';
import { toDetails } from './run-detail.ts';
import { toFew } from './run-few.ts';
import type { Few } from './run-few.ts';
import { toConditions, toPlan } from './run-plan.ts';
import type { Found, Plan, Position } from './run-plan.ts';
import type { RunRow } from './run-row.ts';
import { walk, walkWhole } from './run-walk.ts';
import { isOneOf } from './search/ids.ts';
import { fromToken, positionOf, toAfter, toOrderBy, toOrderColumns, toToken } from './search/order.ts';

/**
 * One page: first which runs, in order, then what was logged to them, in a few reads for all. Three ways lead to the runs: the few that one clause of the filter lets
 * through, the index of the metric that they are ordered by, and a scan of the experiments.
 */
export async function searchRuns(context: Sql, request: RunSearch): Promise<Page<RunDetail>> {
  const { experiments, filter, orders, lifecycle, limit } = request;
  if (experiments.length === 0) return { items: [] };
  const plan = toPlan(orders);
  const query = { experiments: experiments.toSorted((a, b) => a - b), filter, orders, lifecycle };
  const position = fromToken(query, plan.terms, request.after);
  const rows = await (context.engine === 'sqlite' ? find : findPlanned)(context, request, plan, position);
  const found = toPage(
    rows,
    limit,
    ({ number }) => number,
    (row) => toToken(query, plan.terms, positionOf(row, plan.terms)),
  );
  return { ...found, items: await toDetails(context, await toRows(context, found.items), request.columns) };
}

/** SQLite takes the way that is told. */
async function find(context: Sql, request: RunSearch, plan: Plan, position: Position): Promise<readonly Found[]> {
  let few: Promise<Few | undefined> | undefined;
  const toFewOnce = (): Promise<Few | undefined> => (few ??= toFew(context, request));
  return (
    (await walk(context, request, position, async () => (await toFewOnce())?.count)) ??
    (await (await toFewOnce())?.find(plan, position)) ??
    scan(context, request, plan, position)
  );
}

/** PostgreSQL knows how values are spread and plans by it, but for what few runs have: that it is told. */
async function findPlanned(context: Sql, request: RunSearch, plan: Plan, position: Position): Promise<readonly Found[]> {
  return (
    (await (await toFew(context, request))?.find(plan, position)) ??
    (await walkWhole(context, request, position)) ??
    scan(context, request, plan, position)
  );
}

async function toRows({ db, engine }: Sql, numbers: readonly number[]): Promise<readonly RunRow[]> {
  if (numbers.length === 0) return [];
  const { rows } = await sql<RunRow>`select * from run where ${isOneOf(engine, sql`number`, numbers)}`.execute(db);
  const byNumber = new Map(rows.map((row) => [row.number, row]));
  return numbers.flatMap((number) => byNumber.get(number) ?? []);
}

async function scan({ db, engine }: Sql, request: RunSearch, { terms, joins }: Plan, position: Position): Promise<readonly Found[]> {
  const conditions = toConditions(engine, request);
  if (position !== undefined) conditions.push(toAfter(engine, terms, position));
  const { rows } = await sql<Found>`
    select run.number, ${toOrderColumns(terms)} from run ${sql.join(joins, sql` `)} where ${sql.join(conditions, sql` and `)}
    order by ${toOrderBy(terms)} limit ${request.limit + 1}`.execute(db);
  return rows;
}
