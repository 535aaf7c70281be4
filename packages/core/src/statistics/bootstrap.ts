import { requireCount, requireFinite, requireOpenUnit } from './argument.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import type { Random } from './random.ts';

/** From this many rows on, the jackknife leaves out groups of rows: it only estimates a skewness. */
const LARGEST_JACKKNIFE = 5000;

export interface BcaInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** Median bias and acceleration, and the shares of the resamples that the ends were read at. */
  readonly z0: number;
  readonly acceleration: number;
  readonly levels: readonly [number, number];
  readonly resamples: number;
  readonly notes: readonly string[];
}

/** The value at share `p` of sorted numbers, linear between neighbours (NumPy's default). */
function percentile(sorted: readonly number[], p: number): number {
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  return low + (at - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] as number) - low);
}

/**
 * The bias-corrected and accelerated interval (Efron 1987) at confidence 1 − alpha from resampled values of a statistic and
 * its jackknife values. Resamples all alike give an interval of no width, with a note; nothing becomes NaN.
 */
export function bcaFromReplicates(input: {
  readonly estimate: number;
  readonly replicates: readonly number[];
  readonly jackknife: readonly number[];
  readonly alpha?: number;
}): BcaInterval {
  const { estimate, replicates, jackknife, alpha = 0.05 } = input;
  requireFinite(estimate, 'estimate');
  requireOpenUnit(alpha, 'alpha');
  if (replicates.length === 0 || jackknife.length === 0) throw new RangeError('There are no resamples to take an interval from.');
  for (const [index, value] of replicates.entries()) requireFinite(value, `replicates[${index}]`);
  for (const [index, value] of jackknife.entries()) requireFinite(value, `jackknife[${index}]`);
  const sorted = replicates.toSorted((a, b) => a - b);
  const resamples = sorted.length;
  const least = sorted[0] as number;
  if (least === sorted.at(-1)) {
    const notes = ['Every resample gave the same value.'];
    return { estimate, low: least, high: least, z0: 0, acceleration: 0, levels: [alpha / 2, 1 - alpha / 2], resamples, notes };
  }
  const notes: string[] = [];
  let share = sorted.reduce((sum, value) => sum + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0) / resamples;
  if (share === 0 || share === 1) {
    notes.push('The estimate lies outside all resamples: the bias correction is cut at half a resample.');
    share = share === 0 ? 0.5 / resamples : 1 - 0.5 / resamples;
  }
  const z0 = normalQuantile(share);
  const mean = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const level = (z: number): number => normalCdf(z0 + (z0 + z) / (1 - acceleration * (z0 + z)));
  const levels = [level(normalQuantile(alpha / 2)), level(-normalQuantile(alpha / 2))] as const;
  return { estimate, low: percentile(sorted, levels[0]), high: percentile(sorted, levels[1]), z0, acceleration, levels, resamples, notes };
}

function leaveOut<T>(rows: readonly T[], statistic: (rows: readonly T[]) => number): number[] {
  const groups = Math.min(rows.length, LARGEST_JACKKNIFE);
  return Array.from({ length: groups }, (_, group) => {
    const from = Math.floor((group * rows.length) / groups);
    const to = Math.floor(((group + 1) * rows.length) / groups);
    return statistic([...rows.slice(0, from), ...rows.slice(to)]);
  });
}

/**
 * BCa interval of any statistic of paired rows, by resampling rows with the generator given. `rows` has at least 2 rows;
 * `statistic` must be finite on every resample. Costs `resamples` + rows (at most 5000) evaluations.
 */
export function bootstrapInterval<T>(input: {
  readonly rows: readonly T[];
  readonly statistic: (rows: readonly T[]) => number;
  readonly random: Random;
  readonly resamples?: number;
  readonly alpha?: number;
}): BcaInterval {
  const { rows, statistic, random, resamples = 2000, alpha = 0.05 } = input;
  requireCount(resamples, 'resamples');
  if (rows.length < 2) throw new RangeError(`An interval needs at least 2 rows, got ${rows.length}.`);
  const replicates = Array.from({ length: resamples }, () => statistic(rows.map(() => rows[random.integer(rows.length)] as T)));
  return bcaFromReplicates({ estimate: statistic(rows), replicates, jackknife: leaveOut(rows, statistic), alpha });
}
