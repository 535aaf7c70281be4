import { createHash } from 'node:crypto';
import { candidateWeight } from '@pawl/core';
import type { Label, PredictionRecord, Random, Rollout, RolloutGuard, RolloutMetric, RolloutSpec } from '@pawl/core';
import { HOUR, START, prediction } from './rig.ts';

export function guard(metric: RolloutMetric, more: Partial<RolloutGuard> = {}): RolloutGuard {
  return { metric, sloMs: metric === 'slow' ? 250 : null, tolerance: 1, noWorseThan: 1.5, margin: 0.05, required: true, ...more };
}

export function spec(more: Partial<RolloutSpec> = {}): RolloutSpec {
  return {
    name: 'spam',
    endpoint: 'spam',
    model: 'spam-filter',
    automatic: true,
    steps: [
      { weight: 0.2, minRequests: 40, minMs: 0, require: 'not_worse' },
      { weight: 0.5, minRequests: 100, minMs: 0, require: 'fine' },
    ],
    guards: [guard('failures'), guard('wrong')],
    alpha: 0.05,
    maxStepMs: 24 * HOUR,
    onTimeout: 'hold',
    ...more,
  };
}

export interface Quality {
  /** Share of answers that fail, and of labels that contradict, by arm. */
  readonly stable: number;
  readonly candidate: number;
}

/** What `count` single-row requests during a rollout left behind: records and their labels. The same seed leaves the same. */
export function serve(
  random: Random,
  rollout: Rollout,
  count: number,
  quality: Quality,
): { readonly records: readonly PredictionRecord[]; readonly labels: readonly Label[] } {
  const weight = candidateWeight(rollout);
  const records: PredictionRecord[] = [];
  const labels: Label[] = [];
  for (let request = 0; request < count; request++) {
    const candidate = random.next() < weight;
    const rate = candidate ? quality.candidate : quality.stable;
    const id = createHash('sha256').update(random.bytes(16)).digest('hex').slice(0, 32);
    const label = random.next() < 0.4;
    const failed = random.next() < rate;
    records.push(
      prediction(id, {
        endpoint: rollout.endpoint,
        version: candidate ? rollout.candidate : (rollout.stable ?? 0),
        rollout: rollout.id,
        arm: candidate ? 'candidate' : 'stable',
        candidateWeight: weight,
        code: failed ? 'prediction_failed' : 'ok',
        label,
      }),
    );
    const wrong = random.next() < rate;
    if (!failed) labels.push({ endpoint: rollout.endpoint, prediction: id, row: 0, value: wrong !== label, time: START + HOUR });
  }
  return { records, labels };
}
