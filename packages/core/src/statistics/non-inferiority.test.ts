import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goldenTest } from './golden-cases.test.ts';
import { nonInferiorityBinary, nonInferiorityMean, nonInferiorityRows, tangoScore } from './non-inferiority.ts';

goldenTest('nonInferiorityBinary', nonInferiorityBinary);
goldenTest('nonInferiorityRows', nonInferiorityRows);
goldenTest('nonInferiorityMean', nonInferiorityMean);

test('at no difference the score is McNemar without correction', () => {
  assert.ok(Math.abs(tangoScore({ n: 900, championOnly: 30, candidateOnly: 50 }, 0) - 20 / Math.sqrt(80)) < 1e-12);
});

test('bounds enclose the difference, mirror each other, and decide as the test does', () => {
  const pairs = fc.record({
    n: fc.integer({ min: 1, max: 5000 }),
    b: fc.double({ min: 0, max: 1, noNaN: true }),
    c: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(pairs, ({ n, b, c }) => {
      const championOnly = Math.floor(b * n);
      const candidateOnly = Math.floor(c * (n - championOnly));
      const result = nonInferiorityBinary({ n, championOnly, candidateOnly, margin: 0.02 });
      const mirror = nonInferiorityBinary({ n, championOnly: candidateOnly, candidateOnly: championOnly, margin: 0.02 });
      assert.ok(result.lower <= result.difference && result.difference <= result.upper);
      assert.ok(Math.abs(result.lower + mirror.upper) < 1e-9);
      assert.equal(result.verdict === 'PASS', result.statistic > 1.6448536269514722);
    }),
    { numRuns: 300, seed: 11 },
  );
});

test('a candidate that is the champion passes once there are rows enough, and says how many before', () => {
  const few = nonInferiorityBinary({ n: 100, championOnly: 0, candidateOnly: 0, margin: 0.01 });
  assert.equal(few.verdict, 'INCONCLUSIVE');
  assert.equal(few.nNeeded, 268);
  assert.equal(nonInferiorityBinary({ n: 268, championOnly: 0, candidateOnly: 0, margin: 0.01 }).verdict, 'PASS');
});

test('no number of rows helps when what was seen is beyond the margin', () => {
  assert.equal(nonInferiorityRows({ discordance: 0.1, difference: -0.02, margin: 0.01 }), null);
});

test('rows all equal decide at their value; impossible counts are refused', () => {
  const equal = nonInferiorityMean({ differences: [0, 0, 0], margin: 0.1 });
  assert.equal(equal.verdict, 'PASS');
  assert.equal(equal.p, 0);
  assert.equal(nonInferiorityMean({ differences: [-1, -1], margin: 0.1 }).verdict, 'FAIL');
  assert.throws(() => nonInferiorityBinary({ n: 5, championOnly: 4, candidateOnly: 3, margin: 0.1 }), /more than the 5 rows/);
  assert.throws(() => nonInferiorityMean({ differences: [1, Number.NaN], margin: 0.1 }), /differences\[1\]/);
});
