import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToBettingSequence, bettingBounds, createBettingSequence, mergeBettingSequences } from './betting.ts';
import { goldenTest } from './golden-cases.test.ts';
import { createRandom } from './random.ts';

goldenTest('bettingBounds', (values: readonly number[], alpha: number) =>
  bettingBounds(addToBettingSequence(createBettingSequence(alpha), values)),
);

test('the bounds narrow around the mean, survive JSON, and merge over processes', () => {
  const random = createRandom(3);
  const values = Array.from({ length: 400 }, () => (random.next() < 0.3 ? 1 : 0));
  const whole = bettingBounds(addToBettingSequence(createBettingSequence(), values));
  assert.ok(whole.lower < 0.3 && 0.3 < whole.upper && whole.upper - whole.lower < 0.2, JSON.stringify(whole));
  const first = addToBettingSequence(createBettingSequence(), values.slice(0, 150));
  const again = JSON.parse(JSON.stringify(first)) as typeof first;
  assert.deepEqual(bettingBounds(addToBettingSequence(again, values.slice(150))), whole);
  const merged = bettingBounds(mergeBettingSequences(first, addToBettingSequence(createBettingSequence(), values.slice(150))));
  assert.ok(merged.lower < 0.3 && 0.3 < merged.upper && merged.upper - merged.lower < 0.25);
});

test('nothing seen rules nothing out; a value outside 0 … 1 and another alpha are refused', () => {
  assert.deepEqual(bettingBounds(createBettingSequence()), { mean: null, lower: 0, upper: 1 });
  assert.throws(() => addToBettingSequence(createBettingSequence(), [0.5, 1.5]), /values\[1\]/);
  assert.throws(() => mergeBettingSequences(createBettingSequence(0.05), createBettingSequence(0.01)), /0.05 and 0.01/);
});
