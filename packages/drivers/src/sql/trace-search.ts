import { SOURCE_RUN_KEY, TRACE_NAME_TAG, toSpanJsonKey } from '@pawl/core';
import type { Order, Page, TraceSearch } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { forBulk, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { toCondition } from './search/compile.ts';
import type { Place } from './search/compile.ts';
import { toNumberList } from './search/ids.ts';
import { fromToken, positionOf, toAfter, toOrderBy, toOrderColumns, toToken } from './search/order.ts';
import type { OrderTerm } from './search/order.ts';
import type { TraceTable } from './trace-row.ts';

interface Column {
  readonly value: RawBuilder<unknown>;
  readonly kind: OrderTerm['kind'];
  readonly nullable?: true;
}

const columns: Readonly<Record<string, Column>> = {
  request_id: { value: sql.ref('trace.id'), kind: 'text' },
  timestamp_ms: { value: sql.ref('trace.started_at'), kind: 'number' },
  execution_time_ms: { value: sql.ref('trace.duration'), kind: 'number', nullable: true },
  end_time_ms: { value: sql`(trace.started_at + coalesce(trace.duration, 0))`, kind: 'number' },
  status: { value: sql`case trace.state when 'unspecified' then 'STATE_UNSPECIFIED' else upper(trace.state) end`, kind: 'text' },
  client_request_id: { value: sql.ref('trace.client_request'), kind: 'text', nullable: true },
  experiment_id: { value: sql.ref('trace.experiment'), kind: 'number' },
};

const lastly: readonly Order[] = [
  { entity: 'attribute', key: 'timestamp_ms', descending: true },
  { entity: 'attribute', key: 'request_id', descending: false },
];

/** One page of rows, without what belongs to them. */
export async function searchTraces(context: Sql, request: TraceSearch): Promise<Page<TraceTable>> {
  const { experiments, filter, orders, limit } = request;
  // The newest are read along the index; anything else may look at all.
  const { db, engine } = filter === undefined && orders.length === 0 ? context : forBulk(context);
  if (experiments.length === 0) return { items: [] };
  const { terms, joins } = toPlan(orders);
  const query = { experiments: experiments.toSorted((a, b) => a - b), filter, orders };
  const position = fromToken(query, terms, request.after);
  const [only] = experiments;
  const conditions: RawBuilder<SqlBool>[] = [
    experiments.length === 1 ? sql`trace.experiment = ${only}` : sql`trace.experiment in ${toNumberList(engine, experiments)}`,
  ];
  if (filter !== undefined) conditions.push(toCondition(engine, filter, (entity, key) => toPlace(engine, entity, key)));
  if (position !== undefined) conditions.push(toAfter(engine, terms, position));
  const { rows } = await sql<TraceTable & Readonly<Record<string, unknown>>>`
    select trace.*, ${toOrderColumns(terms)} from trace ${sql.join(joins, sql` `)} where ${sql.join(conditions, sql` and `)}
    order by ${toOrderBy(terms)} limit ${limit + 1}`.execute(db);
  return toPage(
    rows,
    limit,
    (row): TraceTable => row,
    (row) => toToken(query, terms, positionOf(row, terms)),
  );
}

const textRows = (table: string, key: string): RawBuilder<unknown> =>
  sql`${sql.table(table)} as t where t.trace = trace.number and t.key = ${key}`;

const spanRows = sql`trace_span as s where s.trace = trace.number`;
const spanText = sql`(s.name || ' ' || s.attributes || ' ' || s.detail)`;

function toPlace(engine: Sql['engine'], entity: string, key: string): Place {
  switch (entity) {
    case 'tag':
      return { value: sql.ref('t.value'), from: textRows('trace_tag', key) };
    case 'request_metadata':
      return key === SOURCE_RUN_KEY ? ofRun : { value: sql.ref('t.value'), from: textRows('trace_metadata', key) };
    case 'span':
      return { ...toSpanPlace(engine, key), from: spanRows, together: 'span' };
    case 'feedback':
    case 'expectation':
      return {
        value: sql.ref('a.said'),
        number: sql.ref('a.amount'),
        from: sql`trace_assessment as a where a.trace = trace.number and a.kind = ${entity} and a.name = ${key} and a.valid = 1`,
      };
    default:
      return toAttribute(key);
  }
}

const ofRun: Place = { value: sql.ref('r.run'), from: sql`trace_run as r where r.trace = trace.number` };

function toAttribute(key: string): Place {
  if (key === 'name') return { value: sql.ref('t.value'), from: textRows('trace_tag', TRACE_NAME_TAG) };
  if (key === 'run_id') return ofRun;
  if (key === 'prompt') return { value: sql.ref('p.prompt'), from: sql`trace_prompt as p where p.trace = trace.number` };
  if (key === 'text') return { value: spanText, from: spanRows };
  const { value, nullable = false } = columns[key] as Column;
  return { value, nullable };
}

function toSpanPlace(engine: Sql['engine'], key: string): Place {
  if (key === 'name') return { value: sql.ref('s.name') };
  if (key === 'type') return { value: sql.ref('s.type'), nullable: true };
  if (key === 'status') return { value: sql`upper(s.status)` };
  if (key === 'content') return { value: spanText };
  return { value: toSpanAttribute(engine, key.slice('attributes.'.length)), nullable: true };
}

/** A text as it is, anything else as its JSON. */
function toSpanAttribute(engine: Sql['engine'], name: string): RawBuilder<unknown> {
  const key = toSpanJsonKey(name);
  if (engine === 'postgres') return sql`(cast(s.attributes as json) ->> ${key})`;
  const path = `$.${JSON.stringify(key)}`;
  return sql`(case json_type(s.attributes, ${path}) when 'text' then s.attributes ->> ${path} else s.attributes -> ${path} end)`;
}

interface Plan {
  readonly terms: readonly OrderTerm[];
  readonly joins: readonly RawBuilder<unknown>[];
}

/** What is missing comes last, whichever way the order goes; at last newest first and by id. */
function toPlan(orders: readonly Order[]): Plan {
  const terms: OrderTerm[] = [];
  const joins: RawBuilder<unknown>[] = [sql``];
  const seen = new Set<string>();
  for (const { entity, key, descending } of [...orders, ...lastly]) {
    const column = entity === 'attribute' ? columns[key] : undefined;
    if (column !== undefined && seen.has(key)) continue;
    if (column !== undefined) seen.add(key);
    const { value, kind, nullable } = column ?? { value: toJoined(joins, entity, key), kind: 'text' as const, nullable: true };
    if (nullable === true) terms.push({ value: sql`case when ${value} is null then 1 else 0 end`, kind: 'number', descending: false });
    const missing = kind === 'number' ? sql`0` : sql`''`;
    terms.push({ value: nullable === true ? sql`coalesce(${value}, ${missing})` : value, kind, descending });
  }
  return { terms, joins };
}

/** A tag or a piece of metadata that rows are ordered by. */
function toJoined(joins: RawBuilder<unknown>[], entity: string, key: string): RawBuilder<unknown> {
  const alias = `j${joins.length}`;
  const isTag = entity === 'tag' || key === 'name';
  const name = entity !== 'attribute' ? key : isTag ? TRACE_NAME_TAG : SOURCE_RUN_KEY;
  const table = sql.table(isTag ? 'trace_tag' : 'trace_metadata');
  joins.push(
    sql`left join ${table} as ${sql.ref(alias)} on ${sql.ref(`${alias}.trace`)} = trace.number and ${sql.ref(`${alias}.key`)} = ${name}`,
  );
  return sql.ref(`${alias}.value`);
}
