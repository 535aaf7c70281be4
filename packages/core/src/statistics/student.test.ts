import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { studentCdf, studentQuantile, studentSf } from './student.ts';

goldenTest('studentSf', studentSf);
goldenTest('studentQuantile', studentQuantile);

test('both tails of t mirror each other', () => {
  assert.equal(studentCdf(-2.5, 7), studentSf(2.5, 7));
  assert.equal(studentQuantile(0.5, 3), 0);
  assert.throws(() => studentSf(1, 0), RangeError);
});
