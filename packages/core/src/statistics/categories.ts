import { requireCount } from './argument.ts';
import type { DriftCells } from './coarsen.ts';

/** The levels a categorical column is counted in, sorted; plain JSON, to be stored by its content hash. */
export type CategoryLevels = readonly string[];

/** Counts over the levels of one reference. Plain JSON; whole numbers only, so that merging is exact. */
export interface Categories {
  /** The content hash of the levels, given by the caller. */
  readonly levelsHash: string;
  readonly counts: number[];
  /** Values that are none of the levels: rare ones of the reference, and new ones. */
  other: number;
  nulls: number;
  rows: number;
}

/** The `limit` most frequent levels of a reference (ties: the earlier in code-unit order), sorted in code-unit order. */
export function categoryLevels(values: readonly (string | null)[], limit = 1000): CategoryLevels {
  requireCount(limit, 'limit');
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  const frequent = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, limit);
  return frequent.map(([level]) => level).sort((a, b) => (a < b ? -1 : 1));
}

export function emptyCategories(levels: CategoryLevels, levelsHash: string): Categories {
  return { levelsHash, counts: Array.from({ length: levels.length }, () => 0), other: 0, nulls: 0, rows: 0 };
}

/** The place of a level in the sorted list, or −1. */
function placeOf(levels: CategoryLevels, value: string): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle] as string) < value) low = middle + 1;
    else high = middle;
  }
  return levels[low] === value ? low : -1;
}

/** Counts one value in place. `levels` must be those of the counts. */
export function addCategory(categories: Categories, levels: CategoryLevels, value: string | null): void {
  if (categories.counts.length !== levels.length) {
    throw new RangeError(`Counts of ${categories.counts.length} levels were given ${levels.length} levels.`);
  }
  categories.rows += 1;
  if (value === null) {
    categories.nulls += 1;
    return;
  }
  const place = placeOf(levels, value);
  if (place < 0) categories.other += 1;
  else categories.counts[place] = (categories.counts[place] as number) + 1;
}

/** The counts of both together. Other levels are refused. */
export function mergeCategories(a: Categories, b: Categories): Categories {
  if (a.levelsHash !== b.levelsHash || a.counts.length !== b.counts.length) {
    throw new RangeError(`Only counts of the same levels merge: ${a.levelsHash} and ${b.levelsHash}.`);
  }
  return {
    levelsHash: a.levelsHash,
    counts: a.counts.map((count, place) => count + (b.counts[place] as number)),
    other: a.other + b.other,
    nulls: a.nulls + b.nulls,
    rows: a.rows + b.rows,
  };
}

/** Cells to compare a window with its reference on: the levels, then `Other` and null when either side has any. */
export function categoryCells(reference: Categories, current: Categories, levels: CategoryLevels): DriftCells {
  if (reference.levelsHash !== current.levelsHash) {
    throw new RangeError(`A window is compared on its reference's levels: ${reference.levelsHash} and ${current.levelsHash}.`);
  }
  const extra = [
    ['Other', reference.other, current.other],
    ['null', reference.nulls, current.nulls],
  ] as const;
  const present = extra.filter(([, x, y]) => x + y > 0);
  return {
    labels: [...levels, ...present.map(([label]) => label)],
    reference: [...reference.counts, ...present.map(([, x]) => x)],
    current: [...current.counts, ...present.map(([, , y]) => y)],
  };
}
