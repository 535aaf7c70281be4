import { fault } from '@pawl/core';
import type { Metric, MetricReader, PageRequest, Series } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { insertRows } from './batch.ts';
import { forBulk } from './context.ts';
import type { Sql } from './context.ts';
import type { RunKey } from './run-record.ts';
import { toNumberList, toTextList } from './search/ids.ts';
import { fromToken, toAfter, toOrderBy, toToken } from './search/order.ts';
import type { OrderTerm } from './search/order.ts';

export interface MetricTables {
  readonly run_metric: MetricRow;
  readonly run_latest: {
    readonly run: number;
    readonly key: string;
    readonly experiment: number;
    readonly step: number;
    readonly time: number;
    /** NULL where `nan` is 1. */
    readonly value: number | null;
    readonly nan: number;
    /** Of all values that are numbers; NULL where none is. */
    readonly least: number | null;
    readonly greatest: number | null;
  };
}

export interface MetricRow {
  readonly run: string;
  readonly key: string;
  readonly step: number;
  readonly time: number;
  /** 0 where `nan` is 1: SQLite turns NaN into NULL, and a key must compare equal to itself. */
  readonly value: number;
  readonly nan: number;
}

interface Latest {
  /** The point that is last by (step, time, value), NaN after every number. */
  point: Metric;
  least: number | null;
  greatest: number | null;
}

const ascending: readonly OrderTerm[] = ['step', 'time', 'nan', 'value'].map((column) => ({
  value: sql.ref(column),
  kind: 'number',
  descending: false,
}));

export function createMetricReader(context: Sql): MetricReader {
  const { db, engine } = forBulk(context);
  async function series(run: string, key: string, page: PageRequest): Promise<Series> {
    const query = [run, key];
    const position = fromToken(query, ascending, page.after);
    const after: RawBuilder<SqlBool> = position === undefined ? sql`1 = 1` : toAfter(engine, ascending, position);
    // Three texts instead of a row for each point: as rows they cost several times the read.
    const list = (column: RawBuilder<unknown>): RawBuilder<unknown> =>
      engine === 'sqlite' ? sql`json_group_array(${column})` : sql`cast(coalesce(json_agg(${column}), '[]') as text)`;
    const { rows } = await sql<Record<'steps' | 'times' | 'values', string>>`
      select ${list(sql`step`)} as steps, ${list(sql`time`)} as times, ${list(sql`case when nan = 1 then null else value end`)} as ${sql.ref('values')}
      from (
        select step, time, value, nan from run_metric where run = ${run} and key = ${key} and ${after}
        order by ${toOrderBy(ascending)} limit ${page.limit + 1}
      ) as points`.execute(db);
    const [steps, times, texts] = (['steps', 'times', 'values'] as const).map((name) => JSON.parse(rows[0]?.[name] ?? '[]') as number[]);
    if (steps === undefined || times === undefined || texts === undefined) return { steps: [], times: [], values: [] };
    const more = steps.length > page.limit;
    for (const column of more ? [steps, times, texts] : []) column.length = page.limit;
    const values = texts.map(toValue);
    if (!more) return { steps, times, values };
    const [step, time, value] = [steps.at(-1) ?? 0, times.at(-1) ?? 0, values.at(-1) ?? 0];
    const nan = Number.isNaN(value);
    return { steps, times, values, next: toToken(query, ascending, [step, time, nan ? 1 : 0, nan ? 0 : value]) };
  }

  return {
    series,

    async history(run, key, page) {
      const { steps, times, values, next } = await series(run, key, page);
      const items = steps.map((step, at): Metric => ({ run, key, value: values[at] ?? Number.NaN, step, time: times[at] ?? 0 }));
      return { items, ...(next === undefined ? {} : { next }) };
    },

    async steps(runs, key, { from, to }) {
      const where = sql`run in ${toTextList(engine, runs)} and key = ${key} and step between ${from} and ${to}`;
      const all = await sql<{ step: number }>`select distinct step from run_metric where ${where} order by step`.execute(db);
      const ends = await sql<{ first: number; last: number }>`
        select min(step) as first, max(step) as last from run_metric where ${where} group by run`.execute(db);
      return { all: all.rows.map(({ step }) => step), ends: ends.rows.flatMap(({ first, last }) => [first, last]) };
    },

    async at(runs, key, steps) {
      const { rows } = await sql<MetricRow>`
        select run, key, step, time, value, nan from run_metric
        where run in ${toTextList(engine, runs)} and key = ${key} and step in ${toNumberList(engine, steps)} order by step, time, nan, value`.execute(
        db,
      );
      const byRun = Map.groupBy(rows, ({ run }) => run);
      return [...new Set(runs)].flatMap((run) => (byRun.get(run) ?? []).map(toMetric));
    },
  };
}

/** A value out of JSON: an infinity is 9e999 in SQLite's, which JavaScript reads as one, and a text in PostgreSQL's; NaN is stored as NULL. */
export function toValue(value: number | string | null): number {
  return value === null ? Number.NaN : Number(value);
}

export function toMetric({ run, key, value, step, time, nan }: MetricRow): Metric {
  return { run, key, value: nan === 1 ? Number.NaN : value, step, time };
}

/** Adds points and brings the latest ones up to date. Keys are written in one order, so that two batches never wait for each other. */
export async function recordMetrics(context: Sql, { id, number, experiment }: RunKey, metrics: readonly Metric[]): Promise<void> {
  if (metrics.length === 0) return;
  const points = metrics.map((metric) => {
    const nan = Number.isNaN(metric.value);
    return [id, metric.key, toWhole(metric, 'step'), toWhole(metric, 'time'), nan ? 0 : metric.value, nan ? 1 : 0];
  });
  await insertRows(context, 'run_metric', ['run', 'key', 'step', 'time', 'value', 'nan'], points, 'on conflict do nothing');
  const latest = [...toLatest(metrics)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows = latest.map(([key, { point, least, greatest }]) => {
    const nan = Number.isNaN(point.value);
    return [number, key, experiment, point.step, point.time, nan ? null : point.value, nan ? 1 : 0, least, greatest];
  });
  const columns = ['run', 'key', 'experiment', 'step', 'time', 'value', 'nan', 'least', 'greatest'];
  await insertRows(context, 'run_latest', columns, rows, KEEP_LATEST);
}

const place = (table: string): string => `(${table}.step, ${table}.time, ${table}.nan, coalesce(${table}.value, 0))`;
const IS_LATER = `${place('excluded')} > ${place('run_latest')}`;
const setLater = ['step', 'time', 'value', 'nan']
  .map((column) => `${column} = case when ${IS_LATER} then excluded.${column} else run_latest.${column} end`)
  .join(', ');
const setBeyond = (column: string, sign: string): string =>
  `${column} = case when run_latest.${column} is null or excluded.${column} ${sign} run_latest.${column} then coalesce(excluded.${column}, run_latest.${column}) else run_latest.${column} end`;
const KEEP_LATEST = `on conflict (run, key) do update set ${setLater}, ${setBeyond('least', '<')}, ${setBeyond('greatest', '>')}`;

function toLatest(metrics: readonly Metric[]): ReadonlyMap<string, Latest> {
  const found = new Map<string, Latest>();
  for (const point of metrics) {
    const own = Number.isNaN(point.value) ? null : point.value;
    const latest = found.get(point.key);
    if (latest === undefined) {
      found.set(point.key, { point, least: own, greatest: own });
      continue;
    }
    if (isLater(point, latest.point)) latest.point = point;
    if (own === null) continue;
    latest.least = latest.least === null ? own : Math.min(latest.least, own);
    latest.greatest = latest.greatest === null ? own : Math.max(latest.greatest, own);
  }
  return found;
}

function isLater(a: Metric, b: Metric): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.time !== b.time) return a.time > b.time;
  return !Number.isNaN(b.value) && (Number.isNaN(a.value) || a.value > b.value);
}

function toWhole(metric: Metric, field: 'step' | 'time'): number {
  const whole = metric[field];
  if (Number.isSafeInteger(whole)) return whole;
  throw fault('invalid_input', {
    where: `metric "${metric.key}"`,
    problem: `its ${field} ${whole} is not a whole number of at most 2^53 - 1.`,
  });
}
