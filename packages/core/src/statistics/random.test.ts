import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { createRandom } from './random.ts';

goldenTest('createRandom', (seed: number, count: number) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
});

test('the streams have the moments they should have', () => {
  const random = createRandom(7);
  const n = 100_000;
  let uniform = 0;
  let normal = 0;
  let square = 0;
  const dice = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    uniform += random.next() / n;
    const z = random.normal();
    normal += z / n;
    square += (z * z) / n;
    const face = random.integer(6);
    dice[face] = (dice[face] as number) + 1;
  }
  assert.ok(Math.abs(uniform - 0.5) < 0.004);
  assert.ok(Math.abs(normal) < 0.013);
  assert.ok(Math.abs(square - 1) < 0.02);
  for (const count of dice) assert.ok(Math.abs(count - n / 6) < 500, String(dice));
  assert.throws(() => random.integer(0), RangeError);
});
