import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bcaFromReplicates, bootstrapInterval } from './bootstrap.ts';
import { goldenTest } from './golden-cases.test.ts';
import { createRandom } from './random.ts';

goldenTest('bcaFromReplicates', bcaFromReplicates);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the interval covers the mean of a skewed law about as often as it says, and repeats by seed', () => {
  const random = createRandom(12);
  let covered = 0;
  for (let run = 0; run < 100; run += 1) {
    const rows = Array.from({ length: 40 }, () => -Math.log(1 - random.next()));
    const interval = bootstrapInterval({ rows, statistic: mean, random, resamples: 300, alpha: 0.1 });
    if (interval.low <= 1 && 1 <= interval.high) covered += 1;
  }
  assert.ok(covered >= 80 && covered <= 97, String(covered));
  const once = (): unknown => bootstrapInterval({ rows: [1, 5, 2, 8], statistic: mean, random: createRandom(1), resamples: 50 });
  assert.deepEqual(once(), once());
});

test('constant rows give an interval of no width with a note; too few rows are refused', () => {
  const constant = bootstrapInterval({ rows: [2, 2, 2], statistic: mean, random: createRandom(1), resamples: 20 });
  assert.equal(constant.low, 2);
  assert.equal(constant.high, 2);
  assert.equal(constant.notes.length, 1);
  assert.throws(() => bootstrapInterval({ rows: [1], statistic: mean, random: createRandom(1) }), /at least 2 rows/);
  assert.throws(() => bootstrapInterval({ rows: [1, 2], statistic: () => Number.NaN, random: createRandom(1) }), /must be a finite number/);
});
