import type { CountWindow } from './store.ts';
import type { FeatureVector, FeatureView } from './types.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Hop of a window's tail: 5 min; 1 h from 12 h on; 1 day from 12 days on (`airbnb/chronon:aggregator`). */
export function hopMs(windowMs: number): number {
  if (windowMs >= 12 * DAY) return DAY;
  if (windowMs >= 12 * HOUR) return HOUR;
  return 5 * MINUTE;
}

/** Start (inclusive, epoch ms) of the window that ends, exclusively, at `at`: only the tail moves in hops, so storage is bounded and nothing recent is missed. */
export function windowTail(at: number, windowMs: number): number {
  const hop = hopMs(windowMs);
  return Math.floor((at - windowMs) / hop) * hop;
}

/** The counts a view needs at one moment, in the order of its features. */
export function toCountWindows(view: FeatureView, at: number): readonly CountWindow[] {
  return view.features.map((feature) => ({ stream: feature.stream, from: windowTail(at, feature.windowMs), until: at }));
}

export function toFeatureVector(view: FeatureView, counts: readonly number[]): FeatureVector {
  return Object.fromEntries(view.features.map((feature, index) => [feature.name, counts[index] ?? 0]));
}
