import { fault } from '@pawl/core';
import type { Metric, MetricReader } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { insertRows } from './batch.ts';
import type { Sql } from './context.ts';
import type { RunKey } from './run-record.ts';
import { toNumberList, toTextList } from './search/ids.ts';
import { fromToken, positionOf, toAfter, toOrderBy, toOrderColumns, toToken } from './search/order.ts';
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

interface MetricRow {
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

export function createMetricReader({ db, engine }: Sql): MetricReader {
  return {
    async history(run, key, page) {
      const query = [run, key];
      const position = fromToken(query, ascending, page.after);
      const after: RawBuilder<SqlBool> = position === undefined ? sql`1 = 1` : toAfter(engine, ascending, position);
      const { rows } = await sql<MetricRow & Record<string, unknown>>`
        select run, key, step, time, value, nan, ${toOrderColumns(ascending)} from run_metric where run = ${run} and key = ${key} and ${after}
        order by ${toOrderBy(ascending)} limit ${page.limit + 1}`.execute(db);
      const shown = rows.slice(0, page.limit);
      const last = shown.at(-1);
      const items = shown.map(toMetric);
      return rows.length > page.limit && last !== undefined
        ? { items, next: toToken(query, ascending, positionOf(last, ascending)) }
        : { items };
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
