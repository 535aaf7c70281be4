import { rename, rm } from 'node:fs/promises';
import { fault, hopMs, isFault } from '@pawl/core';
import type { FeatureView, TableSource } from '@pawl/core';
import { isAboutFiles, toDuckReason, toTableFault } from './reason.ts';
import type { Session } from './session.ts';
import { openSource, requireColumn } from './source.ts';
import type { Scan } from './source.ts';
import { toIdentifier, toNumber, toText } from './sql.ts';

export interface Join {
  readonly entities: TableSource;
  readonly timeColumn: string;
  readonly history: TableSource;
  readonly view: FeatureView;
  readonly target: string;
}

const INTEGER = /^U?(TINY|SMALL|BIG|HUGE)INT$|^U?INTEGER$/;
/** Types whose text is the same in a file, in a request and in the online store; 1.0 and 1 would be two keys. */
const KEY = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|VARCHAR|UUID|BOOLEAN|ENUM\(.*\)|DATE|TIMESTAMP.*)$/;

/**
 * Appends a view's windowed counts to each entity row as DOUBLE columns, point in time: one pass over events and entity rows together, ordered by time within a key, where each
 * row's window is a RANGE frame that ends one millisecond before it (backfill plan: `airbnb/chronon:aggregator`). An entity row without key or time counts nothing; an event
 * without key, id or time is none; of events with one id in a stream the first in file order counts, as it would have online.
 */
export async function joinFeatures(session: Session, join: Join): Promise<number> {
  const { entities, history, view } = join;
  const entityScan = await openSource(session, entities);
  const historyScan = await openSource(session, history);
  check(join, entityScan, historyScan);
  const sql = toJoin(join, entityScan, historyScan);
  const aside = `${join.target}.part`;
  try {
    const rows = await session.rows(
      `COPY (${sql}) TO ${toText(aside)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, PRESERVE_ORDER true)`,
    );
    await rename(aside, join.target);
    return Number(rows[0]?.[0] ?? 0);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    if (isFault(error)) throw error;
    if (isAboutFiles(error, [aside]) || 'code' in Object(error)) {
      throw fault('not_writable', { path: join.target, reason: toDuckReason(error, [aside]) }, error);
    }
    const broken = [history, entities].find((source) => isAboutFiles(error, source.paths));
    throw broken === undefined ? error : toTableFault(broken, error);
  }

  function check({ timeColumn }: Join, entity: Scan, past: Scan): void {
    requireKey(entity, view.entity, entities.label);
    requireMillis(entity, timeColumn, entities.label);
    requireKey(past, view.entity, history.label);
    requireKey(past, view.idColumn, history.label);
    for (const stream of view.streams) {
      requireMillis(past, stream.timeColumn, history.label);
      if (stream.where !== null && requireColumn(past, stream.where, history.label).type !== 'BOOLEAN') {
        throw invalid(view, `stream "${stream.name}" is limited by column "${stream.where}" of ${history.label}, which is not boolean`);
      }
    }
    for (const feature of view.features) {
      if (entity.columns.some((column) => column.name.toLowerCase() === feature.name.toLowerCase())) {
        throw invalid(view, `${entities.label} already has a column "${feature.name}"`);
      }
      if (!view.streams.some((stream) => stream.name === feature.stream)) {
        throw invalid(view, `feature "${feature.name}" counts the stream "${feature.stream}", which the view does not have`);
      }
    }
  }

  function requireKey(scan: Scan, name: string, where: string): void {
    const { type } = requireColumn(scan, name, where);
    if (!KEY.test(type)) throw invalid(view, `column "${name}" of ${where} is ${type}; a key must be a text or an integer`);
  }

  function requireMillis(scan: Scan, name: string, where: string): void {
    const { type } = requireColumn(scan, name, where);
    if (!INTEGER.test(type)) throw invalid(view, `column "${name}" of ${where} is ${type}; a time must be epoch milliseconds, an integer`);
  }
}

function invalid(view: FeatureView, problem: string): Error {
  return fault('invalid_input', { where: `feature view "${view.name}"`, problem: `${problem}.` });
}

/** Inside, columns go by names of their own, because those of the files may be any. */
function toJoin({ timeColumn, view }: Join, entities: Scan, history: Scan): string {
  const toMillis = (column: string): string => `TRY_CAST(${toIdentifier(column)} AS BIGINT)`;
  const key = `CAST(${toIdentifier(view.entity)} AS VARCHAR) AS k`;
  const cells = entities.columns.map((column, index) => `c${index} := ${toIdentifier(column.name)}`);
  const ent = `SELECT struct_pack(${cells.join(', ')}) AS cells, ${key}, ${toMillis(timeColumn)} AS t, row_number() OVER () AS rid FROM ${entities.from}`;
  const streams = view.streams.map((stream, index) => {
    const where = stream.where === null ? 'true' : toIdentifier(stream.where);
    return `, ${toMillis(stream.timeColumn)} AS t${index}, ${where} AS w${index}`;
  });
  const past = `SELECT ${key}, CAST(${toIdentifier(view.idColumn)} AS VARCHAR) AS i, row_number() OVER () AS n${streams.join('')} FROM ${history.from}`;
  const rows = 'SELECT k, t, -1 AS s, rid FROM ent WHERE k IS NOT NULL AND t IS NOT NULL';
  const events = view.streams.map(
    (_stream, index) =>
      `SELECT k, t${index} AS t, ${index} AS s, NULL::BIGINT AS rid FROM past WHERE k IS NOT NULL AND i IS NOT NULL AND t${index} IS NOT NULL AND w${index} ` +
      'QUALIFY row_number() OVER (PARTITION BY i ORDER BY n) = 1',
  );
  const counts = view.features.map((feature, index) => {
    const stream = view.streams.findIndex((candidate) => candidate.name === feature.stream);
    const frame = `PARTITION BY k ORDER BY t RANGE BETWEEN ${toBack(feature.windowMs)} PRECEDING AND 1 PRECEDING`;
    return `, count(*) FILTER (WHERE s = ${stream}) OVER (${frame}) AS f${index}`;
  });
  const columns = [
    ...entities.columns.map((column, index) => `cells.c${index} AS ${toIdentifier(column.name)}`),
    ...view.features.map((feature, index) => `CAST(coalesce(f${index}, 0) AS DOUBLE) AS ${toIdentifier(feature.name)}`),
  ];
  return (
    `WITH ent AS MATERIALIZED (${ent}), past AS MATERIALIZED (${past}), timeline AS (${[rows, ...events].join(' UNION ALL ')}), ` +
    `counted AS (SELECT rid${counts.join('')} FROM timeline), found AS (SELECT * FROM counted WHERE rid IS NOT NULL) ` +
    `SELECT ${columns.join(', ')} FROM ent LEFT JOIN found USING (rid) ORDER BY rid`
  );
}

/** How far a window that ends at `t` reaches back: to the hop at or before `t − window`, rounded down also before 1970, where `%` leaves a negative rest. */
function toBack(windowMs: number): string {
  const hop = toNumber(hopMs(windowMs));
  const window = toNumber(windowMs);
  return `CAST(${window} + ((t - ${window}) % ${hop} + ${hop}) % ${hop} AS BIGINT)`;
}
