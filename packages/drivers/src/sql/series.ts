import type { OddPlace, SeriesBucket, SeriesCut, SeriesPoint, SeriesReader } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { forBulk } from './context.ts';
import type { Sql } from './context.ts';
import { toMetric } from './metric.ts';
import type { MetricRow } from './metric.ts';
import { toTextList } from './search/ids.ts';

/** Beyond the greatest finite number there is only infinity, which no literal of both engines can write. */
const GREATEST = sql.lit(Number.MAX_VALUE);
const isUp = sql`(m.nan = 0 and m.value > ${GREATEST})`;
const isDown = sql`(m.nan = 0 and m.value < -${GREATEST})`;
const isFinite = sql`(m.nan = 0 and m.value between -${GREATEST} and ${GREATEST})`;
const ascending = sql`m.step, m.time, m.nan, m.value`;
const descending = sql`m.step desc, m.time desc, m.nan desc, m.value desc`;

/** Reading series for plots and followers: along the primary key, in ranges of it, so that no million rows are sorted or carried over. */
export function createSeriesReader(context: Sql): SeriesReader {
  const { db, engine } = forBulk(context);

  const columns = sql`m.run, m.key, m.step, m.time, m.value, m.nan`;
  const of = (run: string, key: string): RawBuilder<SqlBool> => sql`m.run = ${run} and m.key = ${key}`;

  /** Rows of the bucket that `b` has the bounds of. */
  const inBucket = (run: string, key: string, { by, step }: SeriesCut): RawBuilder<SqlBool> =>
    by === 'step'
      ? sql`${of(run, key)} and m.step >= b.lower and m.step < b.upper`
      : sql`${of(run, key)} and m.step = ${step} and m.time >= b.lower and m.time < b.upper`;

  async function bucketsOfSqlite(run: string, key: string, cut: SeriesCut, bounds: RawBuilder<unknown>): Promise<readonly SeriesBucket[]> {
    const rows = sql`from run_metric as m where ${inBucket(run, key, cut)}`;
    const point = sql`json_array(m.step, m.time, m.value, m.nan)`;
    // With one min or max in it, an aggregate query gives the other columns from the row that has it.
    const extreme = (which: 'min' | 'max'): RawBuilder<unknown> =>
      sql`json_array(m.step, m.time, ${sql.raw(which)}(case when ${isFinite} then m.value end), 0`;
    const { rows: found } = await sql<Record<'first' | 'last' | 'least' | 'greatest', string | null>>`
      select (select ${point} ${rows} order by ${ascending} limit 1) as first,
        (select ${point} ${rows} order by ${descending} limit 1) as last,
        (select ${extreme('min')}, count(*), total(m.nan), total(${isUp}), total(${isDown})) ${rows}) as least,
        (select ${extreme('max')}) ${rows}) as greatest
      from (${bounds}) as b order by b.at`.execute(db);
    return found.map(({ first, last, least, greatest }) => {
      const [step, time, value, , count = 0, nan = 0, up = 0, down = 0] = JSON.parse(least ?? '[]') as (number | null)[];
      const lowest = value === null || value === undefined ? null : { step: Number(step), time: Number(time), value };
      const counts = { count: Number(count), nan: Number(nan), up: Number(up), down: Number(down) };
      return { ...counts, first: fromJson(first), last: fromJson(last), least: lowest, greatest: fromJson(greatest) };
    });
  }

  async function bucketsOfPostgres(
    run: string,
    key: string,
    cut: SeriesCut,
    bounds: RawBuilder<unknown>,
  ): Promise<readonly SeriesBucket[]> {
    const rows = sql`from run_metric as m where ${inBucket(run, key, cut)}`;
    const point = (order: RawBuilder<unknown>, only = sql``): RawBuilder<unknown> =>
      sql`lateral (select m.step, m.time, m.value, m.nan ${rows} ${only} order by ${order} limit 1)`;
    const { rows: found } = await sql<PostgresBucket>`
      select s.*, f.step as f_step, f.time as f_time, f.value as f_value, f.nan as f_nan, l.step as l_step, l.time as l_time, l.value as l_value,
        l.nan as l_nan, a.step as a_step, a.time as a_time, z.step as z_step, z.time as z_time
      from (${bounds}) as b
      cross join lateral (
        select count(*) as count, coalesce(sum(m.nan), 0) as nan, count(*) filter (where ${isUp}) as up, count(*) filter (where ${isDown}) as down,
          min(m.value) filter (where ${isFinite}) as least, max(m.value) filter (where ${isFinite}) as greatest ${rows}
      ) as s
      left join ${point(ascending)} as f on true
      left join ${point(descending)} as l on true
      left join ${point(ascending, sql`and m.nan = 0 and m.value = s.least`)} as a on true
      left join ${point(ascending, sql`and m.nan = 0 and m.value = s.greatest`)} as z on true
      order by b.at`.execute(db);
    return found.map((row) => ({
      count: Number(row.count),
      nan: Number(row.nan),
      up: Number(row.up),
      down: Number(row.down),
      first: row.f_step === null ? null : toPoint(row.f_step, row.f_time, row.f_value, row.f_nan),
      last: row.l_step === null ? null : toPoint(row.l_step, row.l_time, row.l_value, row.l_nan),
      least: row.least === null ? null : toPoint(row.a_step, row.a_time, row.least, 0),
      greatest: row.greatest === null ? null : toPoint(row.z_step, row.z_time, row.greatest, 0),
    }));
  }

  /** Ranges as a table of `at, lower, upper, kind`: one parameter. */
  function toBounds(ranges: readonly (readonly [number, number, string?])[]): RawBuilder<unknown> {
    const json = JSON.stringify(ranges);
    return engine === 'sqlite'
      ? sql`select key as at, value ->> 0 as lower, value ->> 1 as upper, value ->> 2 as kind from json_each(${json})`
      : sql`select at, cast(value ->> 0 as bigint) as lower, cast(value ->> 1 as bigint) as upper, value ->> 2 as kind
          from jsonb_array_elements(cast(${json} as jsonb)) with ordinality as t (value, at)`;
  }

  return {
    async extremes(runs, keys) {
      const only = keys === undefined ? sql`` : sql`and l.key in ${toTextList(engine, keys)}`;
      const { rows } = await sql<{ run: string; key: string; least: number | null; greatest: number | null }>`
        select run.id as run, l.key, l.least, l.greatest from run join run_latest as l on l.run = run.number
        where run.id in ${toTextList(engine, runs)} ${only} order by run.id, l.key`.execute(db);
      return rows.map((row) => ({ ...row }));
    },

    async points(run, key, { from, to }, most) {
      const { rows } = await sql<MetricRow>`
        select ${columns} from run_metric as m where ${of(run, key)} and m.step between ${from} and ${to}
        order by ${ascending} limit ${most}`.execute(db);
      return rows.map(fromRow);
    },

    async last(run, key, { from, to }) {
      const { rows } = await sql<MetricRow>`
        select ${columns} from run_metric as m where ${of(run, key)} and m.step between ${from} and ${to}
        order by ${descending} limit 1`.execute(db);
      return rows.map(fromRow)[0];
    },

    async times(run, key, steps) {
      const bounds = toBounds(steps.map((step) => [step, step]));
      const found = sql`select m.step from run_metric as m where ${of(run, key)} and m.step >= b.lower order by ${ascending} limit 1`;
      const time = sql`select m.time from run_metric as m where ${of(run, key)} and m.step >= b.lower order by ${ascending} limit 1`;
      const { rows } = await sql<{ step: number | null; time: number | null }>`
        select (${found}) as step, (${time}) as time from (${bounds}) as b order by b.at`.execute(db);
      return rows.flatMap(({ step, time: at }) => (step === null || at === null ? [] : [{ step, time: at }]));
    },

    buckets(run, key, cut) {
      const ranges = cut.bounds.slice(1).map((upper, at) => [cut.bounds[at] as number, upper] as const);
      return engine === 'sqlite' ? bucketsOfSqlite(run, key, cut, toBounds(ranges)) : bucketsOfPostgres(run, key, cut, toBounds(ranges));
    },

    async odd(run, key, cut, places) {
      const bounds = toBounds(places.map(({ from, to, kind }: OddPlace) => [from, to, kind] as const));
      const isKind = sql`case b.kind when 'nan' then m.nan = 1 when 'up' then ${isUp} else ${isDown} end`;
      const rows = sql`from run_metric as m where ${inBucket(run, key, cut)} and ${isKind}`;
      const field = (name: 'step' | 'time', order: RawBuilder<unknown>): RawBuilder<unknown> =>
        sql`(select ${sql.ref(`m.${name}`)} ${rows} order by ${order} limit 1)`;
      const { rows: found } = await sql<Record<'first' | 'first_time' | 'last' | 'last_time', number> & { kind: OddPlace['kind'] }>`
        select b.kind, ${field('step', ascending)} as first, ${field('time', ascending)} as first_time, ${field('step', descending)} as last,
          ${field('time', descending)} as last_time
        from (${bounds}) as b order by b.at`.execute(db);
      return found.flatMap((row) => {
        const value = row.kind === 'nan' ? Number.NaN : row.kind === 'up' ? Infinity : -Infinity;
        return [
          { step: row.first, time: row.first_time, value },
          { step: row.last, time: row.last_time, value },
        ];
      });
    },

    async since(run, positions, most) {
      const found: MetricRow[] = [];
      for (const { key, step, time } of positions) {
        const { rows } = await sql<MetricRow>`
          select ${columns} from run_metric as m where ${of(run, key)} and (m.step, m.time) >= (${step}, ${time})
          order by ${ascending} limit ${most}`.execute(db);
        found.push(...rows);
      }
      return found.map(toMetric);
    },
  };
}

interface PostgresBucket extends Record<
  `${'f' | 'l' | 'a' | 'z'}_${'step' | 'time' | 'value' | 'nan'}` | 'count' | 'nan' | 'up' | 'down' | 'least' | 'greatest',
  number | null
> {}

function toPoint(step: number | null, time: number | null, value: number | null, nan: number | null): SeriesPoint {
  return { step: Number(step), time: Number(time), value: nan === 1 ? Number.NaN : Number(value) };
}

function fromRow({ step, time, value, nan }: MetricRow): SeriesPoint {
  return toPoint(step, time, value, nan);
}

/** SQLite writes infinities as 9e999, which JavaScript reads as such. */
function fromJson(json: string | null): SeriesPoint | null {
  const [step, time, value, nan] = json === null ? [] : (JSON.parse(json) as (number | null)[]);
  return step === undefined || time === undefined || value === undefined || nan === undefined || value === null
    ? null
    : toPoint(step, time, value, nan);
}
