import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellValue, DeclaredDecision } from '@pawl/core';
import type { TensorSpec } from '../tensor/tensor.ts';
import { readDecision, toDecision } from './decision.ts';

const silent: DeclaredDecision = { label: null, score: null, positive: null };
const output = (name: string, datatype: TensorSpec['datatype'], ...inner: readonly number[]): TensorSpec => ({
  name,
  datatype,
  shape: [-1, ...inner],
});
const decide = (outputs: readonly TensorSpec[], classes: readonly CellValue[] | null, declared: Partial<DeclaredDecision> = {}) =>
  toDecision({ ...silent, ...declared }, { outputs, classes });

test('outputs of the usual converters are known by names and types', () => {
  const skl = [output('label', 'INT64'), output('probabilities', 'FP32', 2)];
  assert.deepEqual(decide(skl, [0, 1]), { label: 'label', score: 'probabilities', column: 1, positive: 1 });
  const zipMap = [output('output_label', 'BYTES'), output('output_probability', 'FP32', 2)];
  assert.deepEqual(decide(zipMap, ['ham', 'spam']), { label: 'output_label', score: 'output_probability', column: 1, positive: 'spam' });
  assert.deepEqual(decide(zipMap, ['spam', 'zoo'], { positive: 'spam' }), {
    label: 'output_label',
    score: 'output_probability',
    column: 0,
    positive: 'spam',
  });
  assert.deepEqual(decide([output('probability', 'FP64')], null), { label: null, score: 'probability', column: null, positive: 1 });
  assert.deepEqual(decide([output('yes', 'BOOL'), output('p', 'FP32', 1)], null), { label: 'yes', score: 'p', column: null, positive: 1 });
});

test('one class against the rest of many, when the package says which', () => {
  const many = [output('label', 'INT64'), output('probabilities', 'FP32', 3)];
  assert.deepEqual(decide(many, [3, 4, 5], { positive: '4' }), { label: 'label', score: 'probabilities', column: 1, positive: '4' });
  for (const [found, expected] of [
    [decide(many, [3, 4, 5]), /3 classes; .*positive_class/],
    [decide(many, [3, 4, 5], { positive: 7 }), /none of its classes \(3, 4, 5\)/],
    [decide([output('variable', 'FP32', 1)], null), /no output .*variable.*label_output/],
    [decide([output('label', 'BYTES'), output('probabilities', 'FP32', 2)], null), /texts.*positive_class/],
  ] as const)
    assert.ok('reason' in found && expected.test(found.reason), JSON.stringify(found));
});

test('a row is read by the classes that are written in any way', () => {
  const outputs = {
    label: { datatype: 'BYTES' as const, shape: [2], data: ['spam', 'ham'] },
    scores: { datatype: 'FP32' as const, shape: [2, 2], data: Float32Array.of(0.25, 0.75, 1, NaN) },
  };
  const decision = { label: 'label', score: 'scores', column: 1, positive: 'spam' };
  assert.deepEqual(readDecision(decision, outputs, 0), { label: true, score: 0.75 });
  assert.deepEqual(readDecision(decision, outputs, 1), { label: false, score: null });
  assert.deepEqual(readDecision({ ...decision, label: null }, outputs, 0), { label: true, score: 0.75 });
  const numbers = { label: { datatype: 'INT64' as const, shape: [2, 1], data: BigInt64Array.of(2n, 0n) } };
  assert.deepEqual(readDecision({ ...decision, score: null, positive: 1 }, numbers, 0), { label: true, score: null });
  assert.deepEqual(readDecision({ ...decision, score: null, positive: '2' }, numbers, 0), { label: true, score: null });
  assert.deepEqual(readDecision({ ...decision, score: null, positive: 1 }, numbers, 1), { label: false, score: null });
});
