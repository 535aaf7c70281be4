import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import {
  addToMeanSequence,
  emptyMeanSequence,
  isMeanSequenceReady,
  meanSequenceBounds,
  mergeMeanSequences,
  sequenceFactor,
} from './mean-sequence.ts';
import type { MeanObservation, Side } from './mean-sequence.ts';

const fold = (observations: readonly MeanObservation[]) => observations.reduce(addToMeanSequence, emptyMeanSequence());

goldenTest('sequenceFactor', sequenceFactor);
goldenTest('meanSequenceBounds', (rows: readonly (readonly [number, number, number])[], alpha: number, side: Side) => {
  const bounds = meanSequenceBounds(fold(rows.map(([y, a, weight]) => ({ y, candidate: a === 1, weight }))), alpha, side);
  return bounds && { ...bounds };
});

const rows = (from: number, to: number): MeanObservation[] =>
  Array.from({ length: to - from }, (_, k) => {
    const i = from + k;
    return { y: (i * 7) % 11, candidate: i % 5 === 0, weight: i < 300 ? 0.1 : 0.25 };
  });

test('states merge to what one process would have seen, up to the centring', () => {
  const merged = mergeMeanSequences(fold(rows(0, 400)), fold(rows(400, 1000)));
  const whole = fold(rows(0, 1000));
  assert.equal(merged.n, 1000);
  assert.equal(merged.candidates, whole.candidates);
  assert.ok(Math.abs(merged.outcomeMean - whole.outcomeMean) < 1e-12);
  assert.ok(Math.abs(merged.mean - whole.mean) < 0.2);
  assert.deepEqual(mergeMeanSequences(emptyMeanSequence(), whole), whole);
  const again = JSON.parse(JSON.stringify(whole)) as typeof whole;
  assert.deepEqual(
    addToMeanSequence(again, { y: 1, candidate: true, weight: 0.5 }),
    addToMeanSequence(whole, { y: 1, candidate: true, weight: 0.5 }),
  );
});

test('outcomes all alike decide nothing; the minimum counts each arm', () => {
  const alike = fold(Array.from({ length: 10 }, () => ({ y: 0, candidate: true, weight: 0.5 })));
  assert.equal(meanSequenceBounds(alike, 0.05, 'two'), null);
  assert.equal(isMeanSequenceReady(fold(rows(0, 1000)), 200), true);
  assert.equal(isMeanSequenceReady(fold(rows(0, 1000))), false);
});

test('a weight of 0 or 1 is no experiment, NaN no outcome', () => {
  assert.throws(() => addToMeanSequence(emptyMeanSequence(), { y: 1, candidate: true, weight: 1 }), /weight/);
  assert.throws(() => addToMeanSequence(emptyMeanSequence(), { y: Number.NaN, candidate: true, weight: 0.5 }), /y must be/);
  assert.throws(() => sequenceFactor(10, 0.6, 'lower'), /below 0.5/);
});
