import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { benjaminiHochberg, holm } from './multiplicity.ts';

goldenTest('benjaminiHochberg', benjaminiHochberg);
goldenTest('holm', holm);

test('no test gives no flag, and a p outside 0 … 1 is refused', () => {
  assert.deepEqual(benjaminiHochberg([]), []);
  assert.deepEqual(holm([]), []);
  assert.throws(() => holm([0.2, 1.2]), /p\[1\]/);
});
