import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { addToHddmA, createHddmA } from './hddm-a.ts';
import { createRandom } from './random.ts';

goldenTest('hddmA', (seed: number, parts: readonly (readonly [number, number])[]) => {
  const random = createRandom(seed);
  let state = createHddmA();
  const drifts: number[] = [];
  let warnings = 0;
  let index = 0;
  for (const [count, p] of parts) {
    for (let i = 0; i < count; i += 1) {
      const step = addToHddmA(state, random.next() < p ? 1 : 0);
      state = JSON.parse(JSON.stringify(step.state)) as typeof state;
      if (step.drift) drifts.push(index);
      if (step.warning) warnings += 1;
      index += 1;
    }
  }
  return { drifts, warnings };
});

test('a value outside 0 … 1 and a warning stricter than the drift are refused', () => {
  assert.throws(() => addToHddmA(createHddmA(), 2), /x must lie/);
  assert.throws(() => createHddmA({ drift: 0.01, warning: 0.001 }), /drift ≤ warning/);
});
