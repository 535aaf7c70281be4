import { asksForMetrics } from '@pawl/core';
import type { LoggedModelDataset, LoggedModelOrder, LoggedModelSearch, Page } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { toPage } from './context.ts';
import type { Sql } from './context.ts';
import type { LoggedModelTable } from './logged-model.ts';
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
  name: { value: sql.ref('logged_model.name'), kind: 'text' },
  model_id: { value: sql.ref('logged_model.id'), kind: 'text' },
  model_type: { value: sql.ref('logged_model.type'), kind: 'text' },
  status: { value: sql`case logged_model.status when 'failed' then 'UPLOAD_FAILED' else upper(logged_model.status) end`, kind: 'text' },
  source_run_id: { value: sql.ref('logged_model.run'), kind: 'text', nullable: true },
  creation_timestamp: { value: sql.ref('logged_model.created_at'), kind: 'number' },
  last_updated_timestamp: { value: sql.ref('logged_model.updated_at'), kind: 'number' },
};

const lastly: readonly LoggedModelOrder[] = [
  { entity: 'attribute', key: 'creation_timestamp', descending: true, dataset: null },
  { entity: 'attribute', key: 'model_id', descending: false, dataset: null },
];

const metricRows = sql`logged_model_metric m where m.model = logged_model.id`;

/** One page of rows, without their params and tags. */
export async function searchLoggedModels({ db, engine }: Sql, request: LoggedModelSearch): Promise<Page<LoggedModelTable>> {
  const { experiments, filter, orders, datasets, limit } = request;
  if (experiments.length === 0) return { items: [] };
  const measured = datasets.length === 0 ? undefined : onAnyOf(datasets);
  const terms = toTerms(orders);
  const query = { experiments: experiments.toSorted((a, b) => a - b), filter, orders, datasets };
  const position = fromToken(query, terms, request.after);
  const conditions: RawBuilder<SqlBool>[] = [
    sql`logged_model.experiment in ${toNumberList(engine, experiments)}`,
    sql`logged_model.deleted_at is null`,
  ];
  if (filter !== undefined) conditions.push(toCondition(engine, filter, (entity, key) => toPlace(entity, key, measured)));
  if (measured !== undefined && !asksForMetrics(filter)) conditions.push(sql`exists (select 1 from ${metricRows} and ${measured})`);
  if (position !== undefined) conditions.push(toAfter(engine, terms, position));
  const { rows } = await sql<LoggedModelTable & Record<string, unknown>>`
    select logged_model.*, ${toOrderColumns(terms)} from logged_model where ${sql.join(conditions, sql` and `)}
    order by ${toOrderBy(terms)} limit ${limit + 1}`.execute(db);
  return toPage(
    rows,
    limit,
    (row): LoggedModelTable => row,
    (row) => toToken(query, terms, positionOf(row, terms)),
  );
}

function toPlace(entity: string, key: string, measured: RawBuilder<SqlBool> | undefined): Place {
  if (entity === 'metric') {
    const rows = sql`${metricRows} and m.key = ${key}`;
    return {
      value: sql`case when m.nan = 1 then null else m.value end`,
      from: measured === undefined ? rows : sql`${rows} and ${measured}`,
      nan: true,
    };
  }
  if (entity !== 'attribute') {
    const table = sql.table(entity === 'tag' ? 'logged_model_tag' : 'logged_model_param');
    return { value: sql.ref('t.value'), from: sql`${table} as t where t.model = logged_model.id and t.key = ${key}` };
  }
  const { value, nullable = false } = columns[key] as Column;
  return { value, nullable };
}

function onAnyOf(datasets: readonly LoggedModelDataset[]): RawBuilder<SqlBool> {
  return sql`(${sql.join(datasets.map(onDataset), sql` or `)})`;
}

function onDataset({ name, digest }: Partial<LoggedModelDataset>): RawBuilder<SqlBool> {
  const conditions = [
    ...(name === undefined ? [] : [sql`m.dataset_name = ${name}`]),
    ...(digest === undefined || digest === null ? [] : [sql`m.dataset_digest = ${digest}`]),
  ];
  return conditions.length === 0 ? sql`1 = 1` : sql`(${sql.join(conditions, sql` and `)})`;
}

/** Numbers, then NaN, then what is missing, whichever way the numbers go; at last newest first and by id. */
function toTerms(orders: readonly LoggedModelOrder[]): readonly OrderTerm[] {
  const terms: OrderTerm[] = [];
  const attributes = new Set<string>();
  const rank = (value: RawBuilder<unknown>): number => terms.push({ value, kind: 'number', descending: false });
  for (const { entity, key, descending, dataset } of [...orders, ...lastly]) {
    if (entity === 'attribute') {
      if (attributes.has(key)) continue;
      attributes.add(key);
      const { value, kind, nullable } = columns[key] as Column;
      if (nullable === true) rank(sql`case when ${value} is null then 1 else 0 end`);
      terms.push({ value: nullable === true ? sql`coalesce(${value}, '')` : value, kind, descending });
      continue;
    }
    const latest = sql`from ${metricRows} and m.key = ${key} and ${onDataset(dataset ?? {})} order by m.time desc, m.step desc, m.run limit 1`;
    rank(sql`coalesce((select m.nan ${latest}), 2)`);
    terms.push({ value: sql`coalesce((select m.value ${latest}), 0)`, kind: 'number', descending });
  }
  return terms;
}
