/** A boosted model as its own library saved it: trees, and what becomes of their sums. */
import type { Ensemble } from './ensemble.ts';

/** How sums become answers. `binary`: probability of the second class; `multiclass`: of each class; `value`: a number as it is. */
export type BoosterOutput =
  | { readonly kind: 'binary' }
  | { readonly kind: 'multiclass'; readonly classes: number }
  | { readonly kind: 'value'; readonly targets: number };

export interface Booster {
  readonly ensemble: Ensemble;
  /** Columns that the model was trained on, in order. */
  readonly features: readonly string[];
  readonly output: BoosterOutput;
  /** What a row's sums become before they are finished: divided by this, with these added. */
  readonly divisor: number;
  readonly margins: readonly number[];
  /** Turns a row's sums into its answers, in place: `sums[from]` to `sums[from + targets − 1]`. */
  finish(sums: Float64Array, from: number): void;
}

/** What a file holds that is not computed here; the message says what. */
export class UnsupportedModelError extends Error {}

/** e^s of each of `width` numbers, divided by their sum. */
export function softmax(sums: Float64Array, from: number, width: number): void {
  let most = -Infinity;
  for (let at = from; at < from + width; at++) most = Math.max(most, sums[at] as number);
  let total = 0;
  for (let at = from; at < from + width; at++) {
    sums[at] = Math.exp((sums[at] as number) - most);
    total += sums[at] as number;
  }
  for (let at = from; at < from + width; at++) sums[at] = (sums[at] as number) / total;
}

/** Applies a function to each of a row's sums. */
export function each(width: number, f: (sum: number) => number): (sums: Float64Array, from: number) => void {
  return (sums, from) => {
    for (let at = from; at < from + width; at++) sums[at] = f(sums[at] as number);
  };
}
