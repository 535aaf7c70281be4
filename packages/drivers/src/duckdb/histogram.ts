import { emptyHistogram } from '@pawl/core';
import type { Histogram, QuantileEdges } from '@pawl/core';
import type { Session } from './session.ts';
import { toNumber } from './sql.ts';

const CELLS = 256;

/**
 * Edges at the quantiles of a numeric column, as core's `quantileEdges` places them: one cell a value up to 256 of them, else the inverse distribution function at k/256.
 * Undefined when it holds no finite number.
 */
export async function placeEdges(session: Session, from: string, sql: string): Promise<QuantileEdges | undefined> {
  const x = `CAST(${sql} AS DOUBLE)`;
  const finite = `FROM (SELECT ${x} AS v FROM ${from} WHERE isfinite(${x}))`;
  const shares = Array.from({ length: CELLS - 1 }, (_, at) => toNumber((at + 1) / CELLS));
  const distinct = `(SELECT list(v ORDER BY v) FROM (SELECT DISTINCT v ${finite} LIMIT ${CELLS + 1}))`;
  const [row = []] = await session.rows(`SELECT min(v), max(v), ${distinct}, quantile_disc(v, [${shares.join(', ')}]) ${finite}`);
  if (row[0] === null || row[0] === undefined) return undefined;
  const [min, max] = [Number(row[0]), Number(row[1])];
  const values = toList(row[2]);
  const candidates = values.length <= CELLS ? values : toList(row[3]);
  const edges = candidates.filter((edge, at) => edge < max && (at === 0 || edge > (candidates[at - 1] as number)));
  return { edges: edges.map((edge) => (edge === 0 ? 0 : edge)), min, max };
}

/** A column counted on edges; what is no finite number is counted apart. */
export async function countCells(
  session: Session,
  from: string,
  sql: string,
  edges: QuantileEdges,
  where: string,
  edgesHash: string,
): Promise<Histogram> {
  const x = `CAST(${sql} AS DOUBLE)`;
  const bounds = `[${edges.edges.map(toNumber).join(', ')}]::DOUBLE[]`;
  const cells =
    edges.edges.length === 0
      ? "MAP {'Infinity'::DOUBLE: count(*) FILTER (WHERE isfinite(v))}"
      : `histogram(v, ${bounds}) FILTER (WHERE isfinite(v))`;
  const [row = []] = await session.rows(
    `SELECT map_values(${cells}), map_keys(${cells}), count(*), count(*) FILTER (WHERE v IS NULL), count(*) FILTER (WHERE isnan(v)), count(*) FILTER (WHERE v = 'inf'::DOUBLE), ` +
      `count(*) FILTER (WHERE v = '-inf'::DOUBLE), count(*) FILTER (WHERE isfinite(v) AND v < ${toNumber(edges.min)}), count(*) FILTER (WHERE isfinite(v) AND v > ${toNumber(edges.max)}) ` +
      `FROM (SELECT ${x} AS v FROM ${from} WHERE ${where})`,
  );
  const counted = toList(row[0]);
  const places = toList(row[1]);
  const histogram = emptyHistogram(edges, edgesHash);
  places.forEach((place, at) => {
    const cell = edges.edges.findIndex((edge) => edge === place);
    const target = cell < 0 ? histogram.counts.length - 1 : cell;
    histogram.counts[target] = (histogram.counts[target] as number) + (counted[at] as number);
  });
  const [rows, nulls, nans, positiveInfinite, negativeInfinite, below, above] = row.slice(2).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { ...histogram, rows, nulls, nans, positiveInfinite, negativeInfinite, below, above };
}

function toList(value: unknown): readonly number[] {
  return value === null || value === undefined ? [] : (value as { readonly items: readonly unknown[] }).items.map(Number);
}
