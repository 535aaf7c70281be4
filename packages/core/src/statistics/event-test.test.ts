import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addEvent, addEvents, createEventTest, harmEvidence, mergeEventTests, noWorseEvidence } from './event-test.ts';
import type { EventBatch } from './event-test.ts';
import { goldenTest } from './golden-cases.test.ts';

const fold = (batches: readonly EventBatch[], options = {}) => batches.reduce(addEvents, createEventTest(options));

goldenTest('eventTest', (options: { r0: number; r1: number }, batches: readonly EventBatch[]) => {
  const state = fold(batches, options);
  return { harm: harmEvidence(state).e, noWorse: noWorseEvidence(state).e };
});

test('with no event on stable it takes 8 on the candidate at one half, 3 at a tenth', () => {
  const e = (candidate: number, weight: number): number => harmEvidence(fold([{ candidate, stable: 0, weight }])).e;
  assert.ok(e(7, 0.5) < 20 && e(8, 0.5) >= 20);
  assert.ok(e(2, 0.1) < 20 && e(3, 0.1) >= 20);
  assert.ok(e(2, 0.05) < 20 && e(3, 0.05) >= 20);
});

test('order, batching and merging do not change the evidence', () => {
  const batch = fc.record({ candidate: fc.nat(30), stable: fc.nat(30), weight: fc.double({ min: 0.01, max: 0.99, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(batch), fc.array(batch), (first, second) => {
      const merged = harmEvidence(mergeEventTests(fold(first), fold(second))).logE;
      assert.ok(Math.abs(merged - harmEvidence(fold([...second, ...first])).logE) < 1e-9);
    }),
    { numRuns: 100, seed: 5 },
  );
  const single = [true, false, true].reduce((state, candidate) => addEvent(state, { candidate, weight: 0.2 }), createEventTest());
  assert.ok(Math.abs(harmEvidence(single).logE - harmEvidence(fold([{ candidate: 2, stable: 1, weight: 0.2 }])).logE) < 1e-12);
});

test('nothing seen is no evidence, and a hundred thousand events do not overflow', () => {
  assert.deepEqual(harmEvidence(createEventTest()), { e: 1, logE: 0, p: 1 });
  const many = fold([{ candidate: 100_000, stable: 100_000, weight: 0.5 }]);
  assert.ok(Number.isFinite(harmEvidence(many).logE));
  assert.ok(noWorseEvidence(many).e > 1e100);
});

test('only tests of one hypothesis merge', () => {
  assert.throws(() => mergeEventTests(createEventTest(), createEventTest({ r1: 2 })), /r1 1.5 and 2/);
  assert.throws(() => createEventTest({ r1: 0.1 }), /r1 must be more than 0.2/);
});
