import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionOfRun, takeNew, toReadOn } from './follow.ts';
import type { Remembered } from './follow.ts';
import type { Metric, Run } from './types.ts';

const run: Run = {
  id: 'a',
  experiment: 0,
  name: 'n',
  status: 'running',
  startedAt: 0,
  endedAt: null,
  code: null,
  environment: {},
  user: '',
  lifecycle: 'active',
  artifactUri: '',
  params: { lr: '1' },
  tags: {},
};
const point = (step: number, value = step, key = 'x'): Metric => ({ run: 'a', key, value, step, time: step });
const none: Remembered = new Map();

test('a follower reads on from where it stands, and takes each point once', () => {
  const start = positionOfRun({ run, latest: [point(3)] }, 't');
  assert.deepEqual([start.params, start.metrics], [1, { x: [3, 3] }]);
  assert.deepEqual(toReadOn(start, none, { run, latest: [point(3)] }), []);
  const latest = [point(5), point(0, 1, '__proto__')];
  assert.deepEqual(toReadOn(start, none, { run, latest }), [
    { key: 'x', step: 3, time: 3 },
    { key: '__proto__', step: Number.MIN_SAFE_INTEGER, time: 0 },
  ]);
  const taken = takeNew(start, none, [point(3), point(4), point(5), point(0, 1, '__proto__')]);
  assert.deepEqual(
    taken.points.map(({ step }) => step),
    [0, 4, 5],
  );
  assert.deepEqual([taken.metrics['x'], Object.hasOwn(taken.metrics, '__proto__')], [[5, 5], true]);
  assert.deepEqual(toReadOn({ ...start, metrics: taken.metrics }, taken.remembered, { run, latest }), []);
});

test('a point that comes late is found while its neighbours are remembered', () => {
  let position = positionOfRun({ run, latest: [] }, 't');
  let remembered = none;
  const take = (read: readonly Metric[]): readonly number[] => {
    const taken = takeNew(position, remembered, read);
    position = { ...position, metrics: taken.metrics };
    remembered = taken.remembered;
    return taken.points.map(({ step }) => step);
  };
  assert.deepEqual(take([point(1), point(3)]), [1, 3]);
  assert.deepEqual(toReadOn(position, remembered, { run, latest: [point(4)] }), [{ key: 'x', step: 1, time: 1 }]);
  assert.deepEqual(take([point(1), point(2), point(3), point(4)]), [2, 4]);
  assert.deepEqual(take(Array.from({ length: 40 }, (_, step) => point(step))), [0, ...Array.from({ length: 35 }, (_, at) => at + 5)]);
  assert.equal(remembered.get('x')?.length, 32);
});

test('another value at the same step and time is a point of its own; NaN is itself', () => {
  const start = positionOfRun({ run, latest: [] }, 't');
  const first = takeNew(start, none, [point(1, Number.NaN)]);
  const position = { ...start, metrics: first.metrics };
  assert.deepEqual(
    takeNew(position, first.remembered, [point(1, Number.NaN), point(1, 7)]).points.map(({ value }) => value),
    [7],
  );
  assert.deepEqual(toReadOn(position, first.remembered, { run, latest: [point(1, 7)] }), [{ key: 'x', step: 1, time: 1 }]);
});
