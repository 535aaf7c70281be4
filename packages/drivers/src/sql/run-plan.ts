import type { Order, RunSearch } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { Sql } from './context.ts';
import { toCondition } from './search/compile.ts';
import type { Place } from './search/compile.ts';
import { toNumberList } from './search/ids.ts';
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

/** What rows are ordered by, and what must be joined for it. */
export interface Plan {
  readonly terms: readonly OrderTerm[];
  readonly joins: readonly RawBuilder<unknown>[];
}

export type Position = readonly (string | number)[] | undefined;

/** A run of a page with the values of the plan's terms, as `toOrderColumns` names them. */
export type Found = { readonly number: number } & Readonly<Record<string, unknown>>;

/** @param number names the run of what is logged to it: one that is known before the run's own row is read lets filters go first */
export function toConditions(
  engine: Sql['engine'],
  { experiments, lifecycle, filter }: RunSearch,
  number: string = 'run.number',
): RawBuilder<SqlBool>[] {
  const [only] = experiments;
  const conditions: RawBuilder<SqlBool>[] = [
    experiments.length === 1 ? sql`run.experiment = ${only}` : sql`run.experiment in ${toNumberList(engine, experiments)}`,
    lifecycle === undefined ? sql`run.lifecycle in ('active', 'deleted')` : sql`run.lifecycle = ${lifecycle}`,
  ];
  if (filter !== undefined) conditions.push(toCondition(engine, filter, (entity, key) => toPlace(entity, key, sql.ref(number))));
  return conditions;
}

const metricValues: Readonly<Record<string, string>> = { metric: 'value', metric_min: 'least', metric_max: 'greatest' };

function toPlace(entity: string, key: string, number: RawBuilder<unknown>): Place {
  const metric = metricValues[entity];
  if (metric !== undefined) {
    return {
      value: sql.ref(`m.${metric}`),
      from: sql`run_latest as m where m.run = ${number} and m.key = ${key}`,
      ...(entity === 'metric' ? { nan: true } : { nullable: true }),
    };
  }
  if (entity === 'parameter' || entity === 'tag') {
    const table = sql.table(entity === 'tag' ? 'run_tag' : 'run_param');
    return { value: sql.ref('t.value'), from: sql`${table} as t where t.run = ${number} and t.key = ${key}` };
  }
  if (entity === 'dataset') return { value: sql.ref(`d.${key}`), from: sql`run_dataset as d where d.run = run.id` };
  const { value, nullable = false } = columns[key] as Column;
  return { value, nullable };
}

/** Numbers, then NaN, then what is missing, whichever way the numbers go; at last newest first and by id. */
export function toPlan(orders: readonly Order[]): Plan {
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
        sql`left join run_latest as ${sql.ref(alias)} on ${sql.ref(`${alias}.run`)} = run.number and ${sql.ref(`${alias}.key`)} = ${key}`,
      );
      rank(sql`case when ${sql.ref(`${alias}.key`)} is null then 2 when ${value} is null then 1 else 0 end`);
      terms.push({ value: sql`coalesce(${value}, 0)`, kind: 'number', descending });
    } else {
      const table = sql.table(entity === 'tag' ? 'run_tag' : 'run_param');
      const value = sql.ref(`${alias}.value`);
      joins.push(
        sql`left join ${table} as ${sql.ref(alias)} on ${sql.ref(`${alias}.run`)} = run.number and ${sql.ref(`${alias}.key`)} = ${key}`,
      );
      rank(sql`case when ${value} is null then 1 else 0 end`);
      terms.push({ value: sql`coalesce(${value}, '')`, kind: 'text', descending });
    }
  }
  return { terms, joins };
}
