import { requireFinite } from './argument.ts';

/** A bucket of 2^level values: their sum and the sum of their squared deviations. */
export type AdwinBucket = readonly [sum: number, squares: number];

/** The state of ADWIN, plain JSON: it survives a restart bit for bit. */
export interface Adwin {
  readonly delta: number;
  /** Cuts are looked for every `clock` values. */
  readonly clock: number;
  /** Least number of values on either side of a cut. */
  readonly side: number;
  /** No cut while the window holds this many values or fewer. */
  readonly grace: number;
  readonly ticks: number;
  readonly width: number;
  readonly total: number;
  readonly squares: number;
  /** rows[level] holds at most 5 buckets of 2^level values, the oldest first; the highest row is the oldest. */
  readonly rows: readonly (readonly AdwinBucket[])[];
}

export interface AdwinStep {
  readonly state: Adwin;
  /** The mean of the stream has changed; the older part of the window has been dropped. */
  readonly drift: boolean;
}

type Window = { width: number; total: number; squares: number; rows: AdwinBucket[][] };

const PER_ROW = 5;

export function createAdwin(
  options: { readonly delta?: number; readonly clock?: number; readonly side?: number; readonly grace?: number } = {},
): Adwin {
  const { delta = 0.002, clock = 32, side = 5, grace = 10 } = options;
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta must lie strictly between 0 and 1, got ${delta}.`);
  for (const [name, value] of Object.entries({ clock, side, grace })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number of 1 or more, got ${value}.`);
  }
  return { delta, clock, side, grace, ticks: 0, width: 0, total: 0, squares: 0, rows: [[]] };
}

/** The mean of the window as it is now, null while it is empty. */
export function adwinMean(state: Adwin): number | null {
  return state.width === 0 ? null : state.total / state.width;
}

/** Squared deviations of two groups of values put together (Chan). */
function joined(n: number, [sumA, squaresA]: AdwinBucket, m: number, [sumB, squaresB]: AdwinBucket): AdwinBucket {
  const gap = sumA / n - sumB / m;
  return [sumA + sumB, squaresA + squaresB + (gap * gap * n * m) / (n + m)];
}

function insert(window: Window, x: number): void {
  if (window.width > 0) {
    const gap = x - window.total / window.width;
    window.squares += (gap * gap * window.width) / (window.width + 1);
  }
  window.width += 1;
  window.total += x;
  window.rows[0] = [...(window.rows[0] ?? []), [x, 0]];
  for (let level = 0; (window.rows[level]?.length ?? 0) > PER_ROW; level += 1) {
    const [first, second, ...rest] = window.rows[level] as [AdwinBucket, AdwinBucket, ...AdwinBucket[]];
    window.rows[level] = rest;
    window.rows[level + 1] = [...(window.rows[level + 1] ?? []), joined(2 ** level, first, 2 ** level, second)];
  }
}

function dropOldest(window: Window): void {
  const level = window.rows.length - 1;
  const [oldest, ...rest] = window.rows[level] as [AdwinBucket, ...AdwinBucket[]];
  const size = 2 ** level;
  const width = window.width - size;
  const gap = oldest[0] / size - (window.total - oldest[0]) / width;
  window.total -= oldest[0];
  window.squares = Math.max(0, window.squares - oldest[1] - (gap * gap * size * width) / (size + width));
  window.width = width;
  window.rows[level] = rest;
  while (window.rows.length > 1 && window.rows.at(-1)?.length === 0) window.rows.pop();
}

/** Some border between two buckets splits the window into two parts with different means. */
function hasCut(window: Window, { delta, side, grace }: Adwin): boolean {
  const { width, total, squares, rows } = window;
  if (width <= grace) return false;
  const log = Math.log((2 * Math.log(width)) / delta);
  const variance = squares / width;
  let left = 0;
  let sum = 0;
  for (let level = rows.length - 1; level >= 0; level -= 1) {
    for (const bucket of rows[level] as AdwinBucket[]) {
      left += 2 ** level;
      sum += bucket[0];
      const right = width - left;
      if (right < side) return false;
      if (left < side) continue;
      const r = 1 / (left - side + 1) + 1 / (right - side + 1);
      const gap = Math.abs(sum / left - (total - sum) / right);
      if (gap > Math.sqrt(2 * r * variance * log) + (2 / 3) * r * log) return true;
    }
  }
  return false;
}

/**
 * ADWIN (Bifet & Gavaldà, SDM 2007) as a reducer. Every border between buckets is tried as a cut, the oldest first; on a
 * hit the oldest bucket goes and the search repeats, so the window keeps the newer part and goes on from there.
 */
export function addToAdwin(state: Adwin, x: number): AdwinStep {
  requireFinite(x, 'x');
  const ticks = state.ticks + 1;
  const window: Window = { width: state.width, total: state.total, squares: state.squares, rows: state.rows.map((row) => [...row]) };
  insert(window, x);
  let drift = false;
  if (ticks % state.clock === 0) {
    while (hasCut(window, state)) {
      drift = true;
      dropOldest(window);
    }
  }
  return { state: { ...state, ticks, ...window }, drift };
}
