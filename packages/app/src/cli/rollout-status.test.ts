import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RolloutGet } from '@pawl/client';
import { toStatus } from './rollout-status.ts';

const START = '2026-01-01T00:00:00.000Z';
const status: RolloutGet = {
  rollout: {
    id: 'a'.repeat(32),
    endpoint: 'spam',
    model: 'spam-filter',
    candidate: 3,
    stable: 2,
    state: 'running',
    step: 2,
    steps: 2,
    weight: 0.5,
    started_at: START,
    step_started_at: START,
    ended_at: null,
    verdict: 'INCONCLUSIVE',
    reason: 'started',
    actor: 'user:ann',
  },
  alpha: 0.05,
  plan: [
    { weight: 0.1, min_requests: 100, min_ms: 0, require: 'not_worse' },
    { weight: 0.5, min_requests: 1000, min_ms: 0, require: 'fine' },
  ],
  judgement: { action: 'wait', verdict: 'INCONCLUSIVE', reason: 'step 2 of 2 at 50 %: waiting for proof for wrong' },
  guards: [
    {
      metric: 'wrong',
      required: true,
      slo_ms: null,
      tolerance: 1,
      no_worse_than: 1.5,
      margin: 0.02,
      verdict: 'undecided',
      stable: { requests: 1000, events: 20 },
      candidate: { requests: 500, events: 5 },
      harm: { e_value: 0.5, threshold: 40 },
      no_worse: { e_value: 61.25, threshold: 60 },
      below_margin: { e_value: 'Infinity', threshold: 60 },
      difference: { lower: null, upper: 0.012 },
    },
  ],
};

test('a rollout under way shows step, wait and the evidence of each guard', () => {
  const text = toStatus(status, { width: undefined, color: false }, Date.parse(START) + 90_000);
  assert.match(text, /^Endpoint spam: spam-filter version 3 against version 2: running\n/);
  assert.match(text, /Steps +10 % \(100 requests, no harm\) → \[50 % \(1,000 requests, proven fine\)\]/);
  assert.match(text, /In step for +1 min 30 s/);
  assert.match(text, /Waits +step 2 of 2 at 50 %: waiting for proof for wrong/);
  assert.match(text, /wrong \* +undecided +5\/500 = 1 % +20\/1,000 = 2 % +0\.5 of 40 +61\.25 ≥ 60 +Infinity ≥ 60 \(2 %\) +≤ 1\.2 %/);
});

test('one that has ended says how, and waits for nothing', () => {
  const ended = {
    ...status,
    judgement: null,
    rollout: {
      ...status.rollout,
      state: 'rolled_back',
      verdict: 'FAIL',
      reason: 'candidate is worse',
      ended_at: '2026-01-01T00:10:00.000Z',
    },
  } as const;
  const text = toStatus(ended, { width: undefined, color: false }, 0);
  assert.match(text, /rolled_back\n/);
  assert.match(text, /Ended +2026-01-01 00:10:00, after 10 min/);
  assert.match(text, /Because +candidate is worse/);
  assert.doesNotMatch(text, /Waits|\[50 %/);
});
