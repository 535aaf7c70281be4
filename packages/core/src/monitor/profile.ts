import { addValue, emptyHistogram, mergeHistograms } from '../statistics/histogram.ts';
import { quantileEdges } from '../statistics/quantile-edges.ts';
import { toCanonicalJson } from '../ports/json.ts';
import type { TableProfile } from '../dataset/profile.ts';
import type { CellValue } from '../serving/types.ts';
import type { Hash } from '../ports/digest.ts';
import type { Histogram } from '../statistics/histogram.ts';
import type { QuantileEdges } from '../statistics/quantile-edges.ts';

const CELLS = 256;

export interface FeatureProfile {
  readonly edges: QuantileEdges;
  readonly histogram: Histogram;
}

/** Histograms of the reference by feature, on edges at the reference's own quantiles. Plain JSON, content-addressed. */
export type Profile = Readonly<Record<string, FeatureProfile>>;

/** Histograms of a bucket or window by feature, on the edges of one profile. */
export type Histograms = Readonly<Record<string, Histogram>>;

/** Profiles every column that holds at least one finite number; booleans count as 0 and 1. This says what a profile means: of a table it is taken from `TableProfile`, which must agree. */
export function toProfile(columns: Readonly<Record<string, readonly CellValue[]>>, hash: Hash): Profile {
  const profile: Record<string, FeatureProfile> = {};
  for (const [name, values] of Object.entries(columns)) {
    const numbers = values.map(toNumber);
    if (numbers.every((value) => value === null)) continue;
    const edges = quantileEdges(numbers, CELLS);
    const histogram = emptyHistogram(edges, hash(toCanonicalJson(edges)));
    for (const value of numbers) addValue(histogram, edges, value);
    profile[name] = { edges, histogram };
  }
  return profile;
}

/** The columns of a table's profile that are named and hold at least one finite number: what `toProfile` finds in the rows themselves, where the edges of the profile are exact. */
export function fromTableProfile({ columns }: TableProfile, names: readonly string[]): Profile {
  return Object.fromEntries(
    columns.flatMap(({ name, numbers }): readonly (readonly [string, FeatureProfile])[] => {
      if (numbers === null || !names.includes(name)) return [];
      const { edges, histogram } = numbers;
      const { nulls, nans, positiveInfinite, negativeInfinite } = histogram;
      const missing = { nulls: nulls + nans + positiveInfinite + negativeInfinite, nans: 0, positiveInfinite: 0, negativeInfinite: 0 };
      return [[name, { edges, histogram: { ...histogram, ...missing } }]];
    }),
  );
}

/** Histograms of rows, each column on the profile's edges; a column that a row lacks counts as null there. */
export function toHistograms(profile: Profile, rows: readonly Readonly<Record<string, CellValue>>[]): Histograms {
  return Object.fromEntries(
    Object.entries(profile).map(([name, { edges, histogram }]) => {
      const counted = emptyHistogram(edges, histogram.edgesHash);
      for (const row of rows) addValue(counted, edges, toNumber(row[name] ?? null));
      return [name, counted];
    }),
  );
}

/** Adds two sets feature by feature; a feature that one side lacks is taken from the other. */
export function addHistograms(a: Histograms, b: Histograms): Histograms {
  const sum: Record<string, Histogram> = { ...a };
  for (const [name, histogram] of Object.entries(b)) {
    const other = sum[name];
    sum[name] = other === undefined ? histogram : mergeHistograms(other, histogram);
  }
  return sum;
}

/** What is no finite number counts as null: the prediction log keeps NaN and infinities as null, so the reference must not tell them apart either. */
function toNumber(value: CellValue): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'boolean' ? Number(value) : null;
}
