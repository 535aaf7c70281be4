import {
  driftCells,
  judgeAssociation,
  judgeDistribution,
  judgeFit,
  judgeKolmogorovSmirnov,
  klDivergence,
  toBinShares,
  toValueShares,
} from '@pawl/core';
import type { Histogram, Judged, Partition, QuantileEdges, Shares } from '@pawl/core';
import type { DuckDBValue } from '@duckdb/node-api';
import { countCells, placeEdges } from '../histogram.ts';
import type { Session } from '../session.ts';
import { toNumber } from '../sql.ts';
import { toFinding } from './probe.ts';
import type { Finding, Own, Probe } from './probe.ts';
import { and, plain } from './domain.ts';
import type { Of } from './domain.ts';
import { areComparable, fromText, isNumeric } from './value.ts';
import type { Value } from './value.ts';

/** Different values of a column that are looked at one by one; more have no meaning as categories. */
const MOST_LEVELS = 4096;

function fromJudged({ passed, observed, note }: Judged): Finding {
  return toFinding(passed, observed, 0, note);
}

async function levelsOf(
  session: Session,
  from: string,
  value: Value,
  where: string | null,
): Promise<readonly { readonly value: unknown; readonly count: number }[]> {
  const present = and(where, `${value.sql} IS NOT NULL`);
  const rows = await session.rows(
    `SELECT CAST(${value.sql} AS VARCHAR), count(*) FROM ${from} WHERE ${present} GROUP BY ${value.sql} ORDER BY 2 DESC, 1 LIMIT ${MOST_LEVELS + 1}`,
  );
  if (rows.length > MOST_LEVELS)
    throw new RangeError(`column "${value.name}" holds more than ${MOST_LEVELS} different values, too many to compare one by one`);
  return rows.map((row) => ({ value: fromText(row[0] === null ? null : String(row[0]), value.kind), count: Number(row[1]) }));
}

/** Compares with a stated partition: of bins in the one pass, of values in a statement of its own. */
function toSharesProbe(value: Value, partition: Partition, where: string | null, judge: (shares: Shares) => Finding): Probe {
  if (partition.kind === 'values')
    return {
      kind: 'own',
      ask: async (session, batch) => judge(toValueShares(partition, await levelsOf(session, batch.from, value, where))),
    };
  if (!isNumeric(value)) throw new RangeError(`column "${value.name}" is ${value.type}; a partition of bins is for numbers`);
  const { bins } = partition;
  const edge = (at: number): string => (Number.isFinite(bins[at]) ? toNumber(bins[at] as number) : `CAST('${bins[at]}' AS DOUBLE)`);
  const last = bins.length - 1;
  // As NumPy: a bin holds its lower edge, the last one also its upper.
  const cells = bins
    .slice(0, -1)
    .map((_, at) => `${value.sql} >= ${edge(at)} AND ${value.sql} ${at === last - 1 ? '<=' : '<'} ${edge(at + 1)}`);
  const conditions = [`${value.sql} < ${edge(0)}`, ...cells, `${value.sql} > ${edge(last)}`];
  return {
    kind: 'pass',
    selects: conditions.map(plain.where),
    judge: (counts: readonly DuckDBValue[]) => judge(toBinShares(partition, counts.map(Number))),
  };
}

export function toDivergenceProbe(form: Of<'divergence'>, value: Value, where: string | null): Probe {
  return toSharesProbe(value, form.partition, where, (shares) => {
    const divergence = klDivergence(shares);
    const finite = Number.isFinite(divergence);
    return toFinding(
      form.threshold === null || (finite && divergence <= form.threshold),
      finite ? divergence : null,
      0,
      finite ? null : 'a cell that has no share holds values',
    );
  });
}

export function toFitProbe(form: Of<'fit'>, value: Value, where: string | null): Probe {
  return toSharesProbe(value, form.partition, where, (shares) => fromJudged(judgeFit(shares, form.p)));
}

export function toAssociationProbe(form: Of<'association'>, a: Value, b: Value, where: string | null): Own {
  return {
    kind: 'own',
    async ask(session, batch) {
      const present = and(where, `${a.sql} IS NOT NULL`, `${b.sql} IS NOT NULL`);
      const most = MOST_LEVELS * 16;
      const rows = await session.rows(
        `SELECT CAST(${a.sql} AS VARCHAR), CAST(${b.sql} AS VARCHAR), count(*) FROM ${batch.from} WHERE ${present} GROUP BY 1, 2 LIMIT ${most + 1}`,
      );
      if (rows.length > most) throw new RangeError(`columns "${a.name}" and "${b.name}" make more than ${most} pairs, too many to compare`);
      return fromJudged(
        judgeAssociation(
          rows.map((row) => [String(row[0]), String(row[1]), Number(row[2])]),
          form.threshold,
        ),
      );
    },
  };
}

export interface Reference {
  readonly from: string;
  readonly value: Value;
}

/** Numbers on cells at the reference's quantiles, or exactly by all values for `ks`; everything else by its levels. */
export function toDistributionProbe(form: Of<'distribution'>, value: Value, where: string | null, reference: Reference): Own {
  if (!areComparable(value, reference.value))
    throw new RangeError(
      `column "${value.name}" is ${value.type} and that of ${form.reference} is ${reference.value.type}, which cannot be compared`,
    );
  const { test, limit } = form;
  if (test === 'ks') {
    if (!isNumeric(value) && value.kind !== 'time')
      throw new RangeError(`column "${value.name}" is ${value.type}; "ks" is for numbers and times, "chi_square" for the rest`);
    return {
      kind: 'own',
      ask: async (session, batch) => fromJudged(await kolmogorov(session, batch.from, value, where, reference, limit)),
    };
  }
  return {
    kind: 'own',
    async ask(session, batch) {
      const cells = isNumeric(value)
        ? await numericCells(session, batch.from, value, where, reference)
        : await levelCells(session, batch.from, value, where, reference);
      return fromJudged(judgeDistribution(test, limit, cells));
    },
  };
}

async function kolmogorov(
  session: Session,
  from: string,
  value: Value,
  where: string | null,
  reference: Reference,
  limit: number,
): Promise<Judged> {
  const side = (sql: string, table: string, condition: string, mine: number): string =>
    `SELECT ${sql} AS v, ${mine} AS a, ${1 - mine} AS b FROM ${table} WHERE ${condition}`;
  const both = `${side(value.sql, from, and(where, `${value.sql} IS NOT NULL`), 1)} UNION ALL ${side(reference.value.sql, reference.from, `${reference.value.sql} IS NOT NULL`, 0)}`;
  const steps = `SELECT sum(sum(a)) OVER (ORDER BY v) AS a, sum(sum(b)) OVER (ORDER BY v) AS b, sum(sum(a)) OVER () AS n, sum(sum(b)) OVER () AS m FROM (${both}) GROUP BY v`;
  const [row = []] = await session.rows(
    `SELECT coalesce(max(abs(a / n - b / m)), 0), coalesce(max(n), 0), coalesce(max(m), 0) FROM (${steps})`,
  );
  return judgeKolmogorovSmirnov(limit, Number(row[0]), Number(row[1]), Number(row[2]));
}

interface Counted {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

async function numericCells(session: Session, from: string, value: Value, where: string | null, reference: Reference): Promise<Counted> {
  const edges: QuantileEdges | undefined = await placeEdges(session, reference.from, reference.value.sql);
  if (edges === undefined) return { reference: [0], current: [0] };
  const known: Histogram = await countCells(session, reference.from, reference.value.sql, edges, 'true', '');
  const now: Histogram = await countCells(session, from, value.sql, edges, and(where), '');
  return driftCells(known, now, edges.edges);
}

async function levelCells(session: Session, from: string, value: Value, where: string | null, reference: Reference): Promise<Counted> {
  const [known, now] = [await levelsOf(session, reference.from, reference.value, null), await levelsOf(session, from, value, where)];
  const counts = new Map(now.map((one) => [one.value, one.count]));
  const names = new Set(known.map((one) => one.value));
  const fresh = now.filter((one) => !names.has(one.value));
  return {
    reference: [...known.map((one) => one.count), ...fresh.map(() => 0)],
    current: [...known.map((one) => counts.get(one.value) ?? 0), ...fresh.map((one) => one.count)],
  };
}
