import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimumEffectDrift, poolCells } from './drift.ts';
import { goldenTest } from './golden-cases.test.ts';

goldenTest('minimumEffectDrift', minimumEffectDrift);

test('rare cells go to one cell, empty cells nowhere', () => {
  const cells = poolCells([900, 60, 3, 0, 2, 35], [90, 5, 1, 0, 2, 2]);
  assert.deepEqual(cells.kept, [0, 1]);
  assert.deepEqual(cells.pooled, [2, 4, 5]);
  assert.deepEqual(cells.reference, [900, 60, 40]);
  assert.deepEqual(cells.current, [90, 5, 5]);
});

test('a trifle in a huge window is stable, the same shares moved far are drift, and the interval holds the truth', () => {
  const reference = [500_000, 500_000];
  const trifle = minimumEffectDrift({ reference, current: [505_000, 495_000] });
  assert.equal(trifle.verdict, 'stable');
  const far = minimumEffectDrift({ reference, current: [650_000, 350_000] });
  assert.equal(far.verdict, 'drifted');
  // Σ (p − q)² / p̄ with p = (.5, .5), q = (.65, .35).
  const truth = 0.15 ** 2 / 0.575 + 0.15 ** 2 / 0.425;
  assert.ok(far.verdict === 'drifted' && far.low < truth && truth < far.high);
});

test('too little to compare is neither stable nor drifted', () => {
  assert.equal(minimumEffectDrift({ reference: [10, 10], current: [0, 0] }).verdict, 'not_enough_data');
  assert.equal(minimumEffectDrift({ reference: [100, 0], current: [50, 0] }).verdict, 'not_enough_data');
  assert.throws(() => minimumEffectDrift({ reference: [1], current: [1, 2] }), /same cells/);
});
