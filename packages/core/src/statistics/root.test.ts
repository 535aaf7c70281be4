import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bisect } from './root.ts';

test('bisection finds the root of a rising and of a falling function to the last digit', () => {
  assert.ok(Math.abs(bisect((x) => x * x - 2, 0, 2) - Math.SQRT2) <= 2 ** -52);
  assert.equal(
    bisect((x) => 1 - x, 0, 3),
    1,
  );
  assert.equal(
    bisect((x) => x, 0, 1),
    0,
  );
});

test('an interval without a root is refused with both values', () => {
  assert.throws(() => bisect((x) => x + 1, 0, 1), /1 and 2 at its ends/);
});
