import { driftCells } from '../statistics/coarsen.ts';
import { minimumEffectDrift } from '../statistics/drift.ts';
import { benjaminiHochberg } from '../statistics/multiplicity.ts';
import type { FeatureDrift, MonitorSpec, MonitorWindow } from './types.ts';
import type { FeatureProfile, Histograms, Profile } from './profile.ts';
import type { Histogram } from '../statistics/histogram.ts';

const GROUPS = 10;

/**
 * Compares a window with its reference, feature by feature, by the minimum-effect rule with Benjamini–Hochberg over the features (reference sheet: statistics §4): it flags
 * a change larger than `delta`, not any change. A feature with too little data to compare is left out. Largest effect first.
 */
export function judgeDrift(spec: MonitorSpec['drift'], profile: Profile, window: Histograms): readonly FeatureDrift[] {
  const watched = spec.features.length > 0 ? spec.features : Object.keys(profile);
  const results = watched.flatMap((feature) => {
    const reference = profile[feature];
    const current = window[feature];
    if (reference === undefined || current === undefined) return [];
    const cells = toCells(reference, current);
    const result = minimumEffectDrift({ reference: cells.reference, current: cells.current, delta: spec.delta, alpha: spec.q });
    return result.verdict === 'not_enough_data'
      ? []
      : [{ feature, effect: result.effect, low: result.low, high: result.high, p: result.p }];
  });
  const adjusted = benjaminiHochberg(results.map((result) => result.p));
  return results
    .map((result, index) => ({ ...result, adjusted: adjusted[index] ?? 1, flagged: (adjusted[index] ?? 1) <= spec.q }))
    .toSorted((a, b) => b.effect - a.effect);
}

/** A reference with one value has a single cell, where any change would hide: what lies under and over that value gets cells of its own. */
function toCells(
  reference: FeatureProfile,
  current: Histogram,
): { readonly reference: readonly number[]; readonly current: readonly number[] } {
  const cells = driftCells(reference.histogram, current, reference.edges.edges, GROUPS);
  if (reference.edges.edges.length > 0) return cells;
  const { below, above } = current;
  const [all = 0, ...special] = cells.current;
  return { reference: [...cells.reference, 0, 0], current: [all - below - above, ...special, below, above] };
}

/** Features flagged in at least `flags` of the newest `of` windows that had enough data, newest window included. Windows newest first. */
export function persistentFeatures(spec: MonitorSpec['drift'], windows: readonly MonitorWindow[]): readonly string[] {
  const judged = windows.filter((window) => window.status !== 'not_enough_data').slice(0, spec.of);
  const flagged = judged[0]?.drift.filter((one) => one.flagged).map((one) => one.feature) ?? [];
  return flagged.filter(
    (feature) => judged.filter((window) => window.drift.some((one) => one.flagged && one.feature === feature)).length >= spec.flags,
  );
}
