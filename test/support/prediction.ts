import type { PredictionRecord } from '@pawl/core';

/** A row that the spam endpoint's stable version answered outside a rollout. */
export function servedRow(id: string, more: Partial<PredictionRecord> = {}): PredictionRecord {
  return {
    id,
    row: 0,
    endpoint: 'spam',
    model: 'spam-filter',
    version: 1,
    rollout: null,
    arm: 'stable',
    candidateWeight: null,
    keyHash: null,
    requestId: null,
    time: 1000,
    latencyMs: 1,
    decided: null,
    code: 'ok',
    inputs: {},
    outputs: { label: 1 },
    ...more,
  };
}
