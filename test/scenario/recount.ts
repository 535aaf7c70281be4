/** Counts anew, from the predictions and labels stored, what reactors have counted one by one between kills. */
import { addObservation, addQuality, emptyEvidence, noQuality, toHistograms, toQualityCounts } from '@pawl/core';
import type {
  CellValue,
  GuardEvidence,
  MonitorBucket,
  MonitorSpec,
  Observation,
  Profile,
  QualityCounts,
  Rollout,
  StoredPrediction,
} from '@pawl/core';
import type { Holdings, JoinedLabel } from './home.ts';

const FAILURES = ['prediction_failed', 'model_not_ready', 'overloaded', 'features_unavailable', 'internal'];

export const isSpam = (prediction: StoredPrediction): boolean => prediction.outputs['label'] === 1 || prediction.outputs['label'] === true;

/** What a rollout saw of one metric, in the order it was served or labelled; each sticky key speaks once. */
function observations(rollout: Rollout, metric: Observation['metric'], held: Holdings): readonly Observation[] {
  const slo = rollout.spec.guards.find((guard) => guard.metric === metric)?.sloMs ?? Infinity;
  const rows: readonly (readonly [StoredPrediction, boolean])[] =
    metric === 'wrong'
      ? held.joins.map(({ prediction, label }) => [prediction, isSpam(prediction) !== label.value])
      : held.predictions.map((one) => [one, metric === 'failures' ? FAILURES.includes(one.code) : one.latencyMs > slo]);
  const units = new Set<string>();
  return rows.flatMap(([one, event]): readonly Observation[] => {
    if (one.rollout !== rollout.id || one.candidateWeight === null || (metric !== 'failures' && one.code !== 'ok')) return [];
    const unit = one.keyHash ?? one.id;
    if (units.has(unit)) return [];
    units.add(unit);
    return [{ metric, event, unit, candidate: one.arm === 'candidate', weight: one.candidateWeight }];
  });
}

/**
 * The evidence that the first requests of a rollout amount to: as many as it counted until it ended. What came after its end counts nowhere, so anything
 * counted twice or left out before it shows up as other sums, or as another order in the tests' state.
 */
export function recountEvidence(rollout: Rollout, held: Holdings): readonly GuardEvidence[] {
  return rollout.spec.guards.map((guard, index) => {
    const counted = rollout.evidence[index];
    const requests = counted === undefined ? 0 : counted.stable.requests + counted.candidate.requests;
    return observations(rollout, guard.metric, held).slice(0, requests).reduce(addObservation, emptyEvidence(guard));
  });
}

/** Buckets of one version as they follow from every answer and its newest label. `profile`: what its features are held against. */
export function recountBuckets(
  spec: MonitorSpec,
  version: number,
  profile: Profile,
  held: Holdings,
): readonly Omit<MonitorBucket, 'monitor' | 'revision'>[] {
  const start = (one: StoredPrediction): number => Math.floor(one.time / spec.bucketMs) * spec.bucketMs;
  const mine = held.predictions.filter((one) => one.endpoint === spec.endpoint && one.version === version && one.code === 'ok');
  const newest = new Map(held.joins.map((joined): [number, JoinedLabel] => [joined.prediction.seq, joined]));
  return [...Map.groupBy(mine, start)]
    .toSorted(([a], [b]) => a - b)
    .map(([at, rows]) => ({
      version,
      start: at,
      rows: rows.length,
      histograms: toJson(toHistograms(profile, rows.map(inputsOf))),
      quality: recountQuality(rows, newest),
    }));
}

function recountQuality(rows: readonly StoredPrediction[], newest: ReadonlyMap<number, JoinedLabel>): QualityCounts {
  return rows.reduce((sum, row) => {
    const label = newest.get(row.seq)?.label;
    return label === undefined ? sum : addQuality(sum, toQualityCounts(isSpam(row), label.value));
  }, noQuality);
}

const inputsOf = (row: StoredPrediction): Readonly<Record<string, CellValue>> => row.inputs;

const toJson = (value: unknown): MonitorBucket['histograms'] => JSON.parse(JSON.stringify(value)) as MonitorBucket['histograms'];
