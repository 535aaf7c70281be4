import type { Order, Page, RunDetail, RunSearch } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { toPage } from './context.ts';
import type { Sql } from './context.ts';
import { toDetails } from './run-detail.ts';
import type { RunTable } from './run-row.ts';
import { toCondition, toNumber } from './search/compile.ts';
import type { Place } from './search/compile.ts';
import { toNumberList, toTextList } from './search/ids.ts';
import { fromToken, positionOf, toAfter, toOrderBy, toOrderColumns, toToken } from './search/order.ts';
import type { OrderTerm } from './search/order.ts';

interface Column {
  readonly value: RawBuilder<unknown>;
  readonly kind: OrderTerm['kind'];
  readonly nullable?: true;
}

const columns: Readonly<Record<string, Column>> = {
  run_id: { value: sql.ref('run.id'), kind: 'text' },
  run_name: { value: sql.ref('run.name'), kind: 'text' },
  // Stored in lower case; MLflow's words are in upper case.
  status: { value: sql`upper(run.status)`, kind: 'text' },
  artifact_uri: { value: sql.ref('run.artifact_uri'), kind: 'text' },
  user_id: { value: sql.ref('run.user_id'), kind: 'text' },
  start_time: { value: sql.ref('run.started_at'), kind: 'number' },
  end_time: { value: sql.ref('run.ended_at'), kind: 'number', nullable: true },
};

const lastly: readonly Order[] = [
  { entity: 'attribute', key: 'start_time', descending: true },
  { entity: 'attribute', key: 'run_id', descending: false },
];

interface Plan {
  readonly terms: readonly OrderTerm[];
  readonly joins: readonly RawBuilder<unknown>[];
}

type Found = { readonly id: string } & Readonly<Record<string, unknown>>;

/** One page: first the ids in order, then the runs with what was logged to them, in a few reads for all. */
export async function searchRuns(context: Sql, request: RunSearch): Promise<Page<RunDetail>> {
  const { experiments, filter, orders, lifecycle, limit } = request;
  if (experiments.length === 0) return { items: [] };
  const plan = toPlan(orders);
  const query = { experiments: experiments.toSorted((a, b) => a - b), filter, orders, lifecycle };
  const position = fromToken(query, plan.terms, request.after);
  const rows = (await findByIndex(context, request, position)) ?? (await findByScan(context, request, plan, position));
  const found = toPage(
    rows,
    limit,
    ({ id }) => id,
    (row) => toToken(query, plan.terms, positionOf(row, plan.terms)),
  );
  return { ...found, items: await toDetails(context, await toRows(context, found.items), request.columns) };
}

async function toRows({ db, engine }: Sql, ids: readonly string[]): Promise<readonly RunTable[]> {
  const { rows } = await sql<RunTable>`select * from run where id in ${toTextList(engine, ids)}`.execute(db);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

async function findByScan(
  { db, engine }: Sql,
  request: RunSearch,
  { terms, joins }: Plan,
  position: readonly (string | number)[] | undefined,
): Promise<readonly Found[]> {
  const conditions = toConditions(engine, request);
  if (position !== undefined) conditions.push(toAfter(engine, terms, position));
  const { rows } = await sql<Found>`
    select run.id, ${toOrderColumns(terms)} from run ${sql.join(joins, sql` `)} where ${sql.join(conditions, sql` and `)}
    order by ${toOrderBy(terms)} limit ${request.limit + 1}`.execute(db);
  return rows;
}

/** How many times the page's rows an index is read for it before the scan of all is thought cheaper. */
const READ_AHEAD = 5;

/**
 * The best runs of an experiment by a metric, read in the order of the index until the page is full. As numbers come before NaN and what is missing, a full
 * page is the right one; undefined when it does not fill within so many entries, or the order is another.
 */
async function findByIndex(
  { db, engine }: Sql,
  request: RunSearch,
  position: readonly (string | number)[] | undefined,
): Promise<readonly Found[] | undefined> {
  const [best, ...others] = request.orders;
  const [experiment, another] = request.experiments;
  if (best?.entity !== 'metric' || another !== undefined || (position !== undefined && position[0] !== 0)) return undefined;
  const value: OrderTerm = { value: sql.ref('best.value'), kind: 'number', descending: best.descending };
  const rest = toPlan(others);
  const terms = [value, ...rest.terms];
  const conditions = toConditions(engine, request);
  conditions.push(sql`best.experiment = ${experiment} and best.key = ${best.key} and best.value is not null and run.id = best.run`);
  if (position !== undefined) conditions.push(toAfter(engine, terms, position.slice(1)));
  const [furthest] = await readAhead(db, engine, request, value, position?.[1]);
  // Strictly before it: of values that are equal some may lie beyond.
  if (furthest !== undefined) {
    conditions.push(sql`best.value ${sql.raw(best.descending ? '>' : '<')} ${toNumber(engine, furthest.value)}`);
  }
  // A cross join: SQLite takes the order of its tables as it is written.
  const { rows } = await sql<Found>`
    select run.id, 0 as o0, ${toOrderColumns(terms, 1)} from run_latest as best cross join run ${sql.join(rest.joins, sql` `)}
    where ${sql.join(conditions, sql` and `)} order by ${toOrderBy(terms)} limit ${request.limit + 1}`.execute(db);
  return rows.length > request.limit ? rows : undefined;
}

/** The value so far along the index that what lies before it is all that is read; none when the index ends before. */
async function readAhead(
  db: Sql['db'],
  engine: Sql['engine'],
  { experiments, orders, limit }: RunSearch,
  { value, descending }: OrderTerm,
  from: string | number | undefined,
): Promise<readonly { readonly value: number }[]> {
  const start = from === undefined ? sql`` : sql`and ${value} ${sql.raw(descending ? '<=' : '>=')} ${toNumber(engine, Number(from))}`;
  const { rows } = await sql<{ value: number }>`
    select best.value from run_latest as best
    where best.experiment = ${experiments[0]} and best.key = ${orders[0]?.key} and best.value is not null ${start}
    order by best.value ${sql.raw(descending ? 'desc' : 'asc')} limit 1 offset ${(limit + 1) * READ_AHEAD}`.execute(db);
  return rows;
}

function toConditions(engine: Sql['engine'], { experiments, lifecycle, filter }: RunSearch): RawBuilder<SqlBool>[] {
  const [only] = experiments;
  const conditions: RawBuilder<SqlBool>[] = [
    experiments.length === 1 ? sql`run.experiment = ${only}` : sql`run.experiment in ${toNumberList(engine, experiments)}`,
    lifecycle === undefined ? sql`run.lifecycle in ('active', 'deleted')` : sql`run.lifecycle = ${lifecycle}`,
  ];
  if (filter !== undefined) conditions.push(toCondition(engine, filter, toPlace));
  return conditions;
}

const metricValues: Readonly<Record<string, string>> = { metric: 'value', metric_min: 'least', metric_max: 'greatest' };

function toPlace(entity: string, key: string): Place {
  const metric = metricValues[entity];
  if (metric !== undefined) {
    return {
      value: sql.ref(`m.${metric}`),
      from: sql`run_latest as m where m.run = run.id and m.key = ${key}`,
      ...(entity === 'metric' ? { nan: true } : { nullable: true }),
    };
  }
  if (entity === 'parameter' || entity === 'tag') {
    const table = sql.table(entity === 'tag' ? 'run_tag' : 'run_param');
    return { value: sql.ref('t.value'), from: sql`${table} as t where t.run = run.id and t.key = ${key}` };
  }
  if (entity === 'dataset') return { value: sql.ref(`d.${key}`), from: sql`run_dataset as d where d.run = run.id` };
  const { value, nullable = false } = columns[key] as Column;
  return { value, nullable };
}

/** Numbers, then NaN, then what is missing, whichever way the numbers go; at last newest first and by id. */
function toPlan(orders: readonly Order[]): Plan {
  const terms: OrderTerm[] = [];
  const joins: RawBuilder<unknown>[] = [sql``];
  const attributes = new Set<string>();
  const rank = (value: RawBuilder<unknown>): number => terms.push({ value, kind: 'number', descending: false });
  for (const { entity, key, descending } of [...orders, ...lastly]) {
    const alias = `j${joins.length}`;
    const metric = metricValues[entity];
    if (entity === 'attribute') {
      if (attributes.has(key)) continue;
      attributes.add(key);
      const { value, kind, nullable } = columns[key] as Column;
      if (nullable === true) rank(sql`case when ${value} is null then 1 else 0 end`);
      terms.push({ value: nullable === true ? sql`coalesce(${value}, 0)` : value, kind, descending });
    } else if (metric !== undefined) {
      const value = sql.ref(`${alias}.${metric}`);
      joins.push(
        sql`left join run_latest as ${sql.ref(alias)} on ${sql.ref(`${alias}.run`)} = run.id and ${sql.ref(`${alias}.key`)} = ${key}`,
      );
      rank(sql`case when ${sql.ref(`${alias}.key`)} is null then 2 when ${value} is null then 1 else 0 end`);
      terms.push({ value: sql`coalesce(${value}, 0)`, kind: 'number', descending });
    } else {
      const table = sql.table(entity === 'tag' ? 'run_tag' : 'run_param');
      const value = sql.ref(`${alias}.value`);
      joins.push(
        sql`left join ${table} as ${sql.ref(alias)} on ${sql.ref(`${alias}.run`)} = run.id and ${sql.ref(`${alias}.key`)} = ${key}`,
      );
      rank(sql`case when ${value} is null then 1 else 0 end`);
      terms.push({ value: sql`coalesce(${value}, '')`, kind: 'text', descending });
    }
  }
  return { terms, joins };
}
