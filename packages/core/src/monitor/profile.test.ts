import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../ports/digest.ts';
import type { CellValue } from '../serving/types.ts';
import { addHistograms, toHistograms, toProfile } from './profile.ts';

const hash = (data: string | Uint8Array): Digest => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const cell: fc.Arbitrary<CellValue> = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true, min: -100, max: 100 }) },
  fc.constantFrom<CellValue>(null, Number.NaN, Infinity, -Infinity, true, false, 'text', 0, -0),
);
const profile = toProfile({ a: Array.from({ length: 1000 }, (_, row) => (row * 37) % 101), b: [true, false, null, true] }, hash);

test('histograms of two parts add up to those of the whole, in any order and byte for byte', () => {
  const row = fc.record({ a: cell, b: cell }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (first, second) => {
      const whole = JSON.stringify(toHistograms(profile, [...first, ...second]));
      assert.equal(JSON.stringify(addHistograms(toHistograms(profile, first), toHistograms(profile, second))), whole);
      assert.equal(JSON.stringify(addHistograms(toHistograms(profile, second), toHistograms(profile, first))), whole);
    }),
    { seed: 3 },
  );
});

test('the reference counted on its own edges is its own histogram', () => {
  const rows = Array.from({ length: 1000 }, (_, row) => ({ a: (row * 37) % 101 }));
  assert.deepEqual(toHistograms(profile, rows)['a'], profile['a']?.histogram);
});

test('columns without a finite number are left out; a column that a row lacks is null there', () => {
  const found = toProfile({ text: ['x', 'y'], empty: [null, null], broken: [Number.NaN, Infinity], flag: [true, null] }, hash);
  assert.deepEqual(Object.keys(found), ['flag']);
  assert.equal(toHistograms(profile, [{ a: 1 }])['b']?.nulls, 1);
});

test('NaN and infinities count as null, as the prediction log keeps them', () => {
  const said: CellValue[] = [1, 2, Number.NaN, Infinity, null];
  const logged = JSON.parse(JSON.stringify(said)) as CellValue[];
  const both = toProfile({ x: said }, hash);
  assert.deepEqual(both, toProfile({ x: logged }, hash));
  assert.equal(both['x']?.histogram.nulls, 3);
});

test('histograms on other edges do not merge, and a feature of one side alone is kept', () => {
  const other = toProfile({ a: [1, 2, 3] }, hash);
  assert.throws(() => addHistograms(toHistograms(profile, []), toHistograms(other, [])), RangeError);
  const one = toHistograms(profile, [{ a: 1, b: true }]);
  assert.deepEqual(addHistograms({}, one), one);
  assert.deepEqual(addHistograms(one, {}), one);
});
