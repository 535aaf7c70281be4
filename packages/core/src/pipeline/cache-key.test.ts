import assert from 'node:assert/strict';
import test from 'node:test';
import { compareKeys, toCacheKeyParts, toCacheKeyText } from './cache-key.ts';
import type { PipelineStep } from './types.ts';

const step: PipelineStep = {
  name: 'train',
  run: 'node train.ts',
  inputs: { table: { from: 'step', step: 'join', output: 'table' } },
  outputs: { model: { type: 'model', dataset: null, name: 'model' } },
  params: ['rate'],
  code: ['train.ts'],
  after: [],
  retries: 0,
  timeoutMs: 1000,
  cache: true,
};
const known = {
  code: ['sha256:b', 'sha256:a'],
  environment: { node: '24.1.0', platform: 'linux-x64' },
  params: { rate: '0.1', other: '7' },
  inputs: { table: { type: 'file', digest: 'sha256:t' } },
} as const;
const parts = toCacheKeyParts(step, known);

test('what does not change the result is not in the key', () => {
  const renamed = toCacheKeyParts(
    {
      ...step,
      name: 'fit',
      inputs: { table: { from: 'dataset', dataset: 'elsewhere' } },
      after: ['x'],
      retries: 5,
      timeoutMs: 1,
    },
    { ...known, code: known.code.toReversed(), params: { ...known.params, other: '8' } },
  );
  assert.equal(toCacheKeyText(renamed), toCacheKeyText(parts));
  assert.deepEqual(compareKeys(parts, renamed), []);
});

test('what changes the result is, and is told', () => {
  const changes: readonly (readonly [string, ReturnType<typeof toCacheKeyParts>])[] = [
    ['the command', toCacheKeyParts({ ...step, run: 'node train.ts --fast' }, known)],
    ['the code', toCacheKeyParts(step, { ...known, code: ['sha256:a', 'sha256:c'] })],
    ['environment "node"', toCacheKeyParts(step, { ...known, environment: { ...known.environment, node: '24.2.0' } })],
    ['parameter "rate"', toCacheKeyParts(step, { ...known, params: { rate: '0.10' } })],
    ['input "table"', toCacheKeyParts(step, { ...known, inputs: { table: { type: 'file', digest: 'sha256:u' } } })],
    ['input "extra"', toCacheKeyParts(step, { ...known, inputs: { ...known.inputs, extra: { type: 'file', digest: 'sha256:t' } } })],
    ['output "model"', toCacheKeyParts({ ...step, outputs: { model: { type: 'folder', dataset: null, name: 'model' } } }, known)],
  ];
  for (const [what, other] of changes) {
    assert.deepEqual(compareKeys(parts, other), [what]);
    assert.notEqual(toCacheKeyText(parts), toCacheKeyText(other));
  }
});
