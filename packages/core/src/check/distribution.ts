import type { JsonObject } from '../ports/json.ts';
import { chiSquareSf } from '../statistics/chi-square.ts';
import { distances } from '../statistics/distance.ts';
import { minimumEffectDrift, poolCells } from '../statistics/drift.ts';
import { chiSquareHomogeneity } from '../statistics/homogeneity.ts';
import { kolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts';
import type { DistributionTest } from './assertion.ts';
import type { Shares } from './partition.ts';

export interface Judged {
  readonly passed: boolean;
  readonly observed: JsonObject | null;
  readonly note: string | null;
}

/** Counts of a column and of its reference over the same cells. */
export interface CellCounts {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Judges how far a column lies from its reference. Nothing to compare fails: it is no proof of sameness. */
export function judgeDistribution(test: Exclude<DistributionTest, 'ks'>, limit: number, cells: CellCounts): Judged {
  const total = (list: readonly number[]): number => list.reduce((sum, count) => sum + count, 0);
  if (total(cells.reference) === 0 || total(cells.current) === 0) return { passed: false, observed: null, note: 'one side holds no value' };
  switch (test) {
    case 'effect': {
      const drift = minimumEffectDrift({ ...cells, delta: limit });
      if (drift.verdict === 'not_enough_data') return { passed: true, observed: null, note: `vacuous: ${drift.reason}` };
      const { effect, low, high, p, psi } = drift;
      return { passed: drift.verdict === 'stable', observed: { effect, low, high, p, psi }, note: null };
    }
    case 'chi_square': {
      const { statistic, p, df = 0 } = chiSquareHomogeneity(...pooled(cells));
      return { passed: p > limit, observed: { statistic, df, p }, note: null };
    }
    case 'psi':
      return upTo(limit, { psi: distances(cells.reference, cells.current).psi });
    case 'js':
      return upTo(limit, { js_divergence: distances(cells.reference, cells.current).jensenShannonDivergenceBase2 });
    case 'kl':
      return upTo(limit, { kl_divergence: smoothedKl(cells) });
  }
}

function pooled(cells: CellCounts): readonly [readonly number[], readonly number[]] {
  const { reference, current } = poolCells(cells.reference, cells.current);
  return [reference, current];
}

function upTo(limit: number, observed: Readonly<Record<string, number>>): Judged {
  return { passed: Object.values(observed).every((value) => value <= limit), observed, note: null };
}

/** KL(current‖reference), natural logarithm, half a count added to every cell so that an empty one stays finite. */
function smoothedKl({ reference, current }: CellCounts): number {
  const sum = (list: readonly number[]): number => list.reduce((total, count) => total + count + 0.5, 0);
  const [n, m] = [sum(reference), sum(current)];
  return current.reduce((divergence, count, cell) => {
    const p = (count + 0.5) / m;
    return divergence + p * Math.log(p / (((reference[cell] as number) + 0.5) / n));
  }, 0);
}

export function judgeKolmogorovSmirnov(limit: number, distance: number, n1: number, n2: number): Judged {
  if (n1 === 0 || n2 === 0) return { passed: false, observed: null, note: 'one side holds no value' };
  const { p } = kolmogorovSmirnov(distance, n1, n2);
  return { passed: p > limit, observed: { d: distance, p }, note: null };
}

/** Pearson's chi-square of counts against stated shares. A cell that was not expected at all and was seen refutes them. */
export function judgeFit({ observed, expected }: Shares, limit: number): Judged {
  const n = observed.reduce((sum, count) => sum + count, 0);
  const weight = expected.reduce((sum, share) => sum + share, 0);
  if (n === 0) return { passed: false, observed: null, note: 'there is no value to compare' };
  let statistic = 0;
  let cells = 0;
  for (const [cell, count] of observed.entries()) {
    const wanted = (n * (expected[cell] as number)) / weight;
    if (wanted === 0 && count === 0) continue;
    if (wanted === 0) return { passed: false, observed: { p: 0 }, note: 'it holds values that have no share at all' };
    statistic += (count - wanted) ** 2 / wanted;
    cells += 1;
  }
  const p = cells < 2 ? 1 : chiSquareSf(statistic, cells - 1);
  return { passed: p > limit, observed: { statistic, df: cells - 1, p }, note: null };
}

/** Cramér's φ of a table of counts, given as cells `[row, column, count]`: √(χ² / (n · (min(rows, columns) − 1))). */
export function judgeAssociation(cells: readonly (readonly [string, string, number])[], threshold: number): Judged {
  const rows = new Map<string, number>();
  const columns = new Map<string, number>();
  let n = 0;
  for (const [row, column, count] of cells) {
    rows.set(row, (rows.get(row) ?? 0) + count);
    columns.set(column, (columns.get(column) ?? 0) + count);
    n += count;
  }
  const smaller = Math.min(rows.size, columns.size) - 1;
  if (n === 0) return { passed: false, observed: null, note: 'there is no pair to compare' };
  if (smaller < 1) return { passed: true, observed: { phi: 0 }, note: 'one of the columns holds a single value' };
  // Σ (o − e)²/e = n (Σ o²/(row·column) − 1), which needs no cell that is empty.
  const sum = cells.reduce(
    (total, [row, column, count]) => total + count ** 2 / ((rows.get(row) as number) * (columns.get(column) as number)),
    0,
  );
  const phi = Math.sqrt(Math.max(0, sum - 1) / smaller);
  return { passed: phi <= threshold, observed: { phi }, note: null };
}
