import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolloutFile } from './schema.ts';

const rollout = {
  name: 'r',
  endpoint: 'e',
  model: 'm',
  steps: [{ weight: 0.1, require: 'not_worse' }, { weight: 0.5 }],
  guards: [{ metric: 'failures' }],
};

function problems(change: object): readonly string[] {
  return rolloutFile.safeParse({ ...rollout, ...change }).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];
}

test('a ramp step may ask for no harm only; what ends in a promotion asks for proof', () => {
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ steps: [{ weight: 0.1 }, { weight: 0.5, require: 'not_worse' }] }), [
    'steps.1.require: the last step ends in a promotion, which needs proof: use fine',
  ]);
});

test('guards that are all optional prove nothing', () => {
  const optional = { metric: 'wrong', required: false };
  assert.deepEqual(problems({ guards: [optional, { metric: 'failures' }] }), []);
  assert.deepEqual(problems({ guards: [optional] }), ['guards: at least one guard must be required, or nothing is proven']);
});

test('weights never fall, and slow answers need a limit', () => {
  assert.deepEqual(problems({ steps: [{ weight: 0.5 }, { weight: 0.1 }] }), ['steps.1.weight: weights never fall from step to step']);
  assert.deepEqual(problems({ guards: [{ metric: 'slow' }] }), ['guards.0.slo: say which answers are slow, such as 250ms']);
});
