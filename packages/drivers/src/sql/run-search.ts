import type { Order, Page, RunDetail, RunSearch } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { toPage } from './context.ts';
import type { Sql } from './context.ts';
import { toDetails } from './run-detail.ts';
import type { RunTable } from './run-row.ts';
import { toCondition } from './search/compile.ts';
import type { Place } from './search/compile.ts';
import { toNumberList } from './search/ids.ts';
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

/** One page: first the ids in order, then what was logged to them in a few reads for all. */
export async function searchRuns(context: Sql, request: RunSearch): Promise<Page<RunDetail>> {
  const { db, engine } = context;
  const { experiments, filter, orders, lifecycle, limit } = request;
  if (experiments.length === 0) return { items: [] };
  const { terms, joins } = toTerms(orders);
  const query = { experiments: experiments.toSorted((a, b) => a - b), filter, orders, lifecycle };
  const position = fromToken(query, terms, request.after);
  const [only] = experiments;
  const conditions: RawBuilder<SqlBool>[] = [
    experiments.length === 1 ? sql`run.experiment = ${only}` : sql`run.experiment in ${toNumberList(engine, experiments)}`,
  ];
  conditions.push(lifecycle === undefined ? sql`run.lifecycle in ('active', 'deleted')` : sql`run.lifecycle = ${lifecycle}`);
  if (filter !== undefined) conditions.push(toCondition(engine, filter, toPlace));
  if (position !== undefined) conditions.push(toAfter(engine, terms, position));
  const { rows } = await sql<RunTable & Record<string, unknown>>`
    select run.*, ${toOrderColumns(terms)} from run ${sql.join(joins, sql` `)} where ${sql.join(conditions, sql` and `)}
    order by ${toOrderBy(terms)} limit ${limit + 1}`.execute(db);
  const found = toPage(
    rows,
    limit,
    (row): RunTable => row,
    (row) => toToken(query, terms, positionOf(row, terms)),
  );
  return { ...found, items: await toDetails(context, found.items, request.columns) };
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
function toTerms(orders: readonly Order[]): { readonly terms: readonly OrderTerm[]; readonly joins: readonly RawBuilder<unknown>[] } {
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
