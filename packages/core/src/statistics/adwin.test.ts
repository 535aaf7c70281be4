import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToAdwin, adwinMean, createAdwin } from './adwin.ts';
import { goldenTest } from './golden-cases.test.ts';
import { createRandom } from './random.ts';

type Parts = readonly (readonly [count: number, probability: number])[];

const stream = (seed: number, parts: Parts): number[] => {
  const random = createRandom(seed);
  return parts.flatMap(([count, p]) => Array.from({ length: count }, () => (random.next() < p ? 1 : 0)));
};

goldenTest('adwin', (seed: number, parts: Parts) => {
  let state = createAdwin();
  const drifts: number[] = [];
  for (const [index, x] of stream(seed, parts).entries()) {
    const step = addToAdwin(state, x);
    state = step.state;
    if (step.drift) drifts.push(index);
  }
  return { drifts, width: state.width };
});

test('the state survives JSON bit for bit, and its sums stay those of the window', () => {
  let state = createAdwin();
  let restarted = createAdwin();
  const random = createRandom(9);
  for (let i = 0; i < 4000; i += 1) {
    const x = random.normal() + (i < 2000 ? 0 : 1);
    state = addToAdwin(state, x).state;
    restarted = addToAdwin(JSON.parse(JSON.stringify(restarted)) as typeof restarted, x).state;
  }
  assert.deepEqual(restarted, state);
  const sizes = state.rows.reduce((sum, row, level) => sum + row.length * 2 ** level, 0);
  assert.equal(sizes, state.width);
  assert.ok(state.width < 2100 && Math.abs((adwinMean(state) as number) - 1) < 0.1);
});

test('no false alarm in ten thousand steady values, a doubled error rate found within 350', () => {
  let state = createAdwin();
  let found = -1;
  for (const [index, x] of stream(21, [
    [10_000, 0.2],
    [1000, 0.4],
  ]).entries()) {
    const step = addToAdwin(state, x);
    state = step.state;
    if (step.drift && found < 0) found = index;
  }
  assert.ok(found >= 10_000 && found < 10_350, String(found));
});

test('what is no number is refused', () => {
  assert.throws(() => addToAdwin(createAdwin(), Number.NaN), /x must be/);
  assert.throws(() => createAdwin({ delta: 0 }), /delta/);
  assert.throws(() => createAdwin({ clock: 0 }), /clock/);
});
