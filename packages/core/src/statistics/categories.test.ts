import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addCategory, categoryCells, categoryLevels, emptyCategories, mergeCategories } from './categories.ts';
import type { Categories, CategoryLevels } from './categories.ts';

const word = fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', ''), fc.string({ maxLength: 2 }));

function count(levels: CategoryLevels, values: readonly (string | null)[]): Categories {
  const counts = emptyCategories(levels, 'h');
  for (const value of values) addCategory(counts, levels, value);
  return counts;
}

test('merged counts are the counts of all, whatever the levels are called', () => {
  const values = fc.array(fc.option(word));
  fc.assert(
    fc.property(values, values, values, fc.integer({ min: 0, max: 5 }), (reference, a, b, limit) => {
      const levels = categoryLevels(reference, limit);
      assert.deepEqual(mergeCategories(count(levels, a), count(levels, b)), count(levels, [...a, ...b]));
      for (const [place, level] of levels.entries()) {
        assert.equal(count(levels, a).counts[place], a.filter((value) => value === level).length);
      }
    }),
    { numRuns: 300, seed: 4 },
  );
});

test('the most frequent levels are kept, the rest is Other', () => {
  const levels = categoryLevels(['x', 'y', 'y', 'z', 'z', null], 2);
  assert.deepEqual(levels, ['y', 'z']);
  const reference = count(levels, ['x', 'y', 'y', 'z', 'z', null]);
  const current = count(levels, ['y', 'new', 'newer']);
  assert.deepEqual(categoryCells(reference, current, levels), {
    labels: ['y', 'z', 'Other', 'null'],
    reference: [2, 2, 1, 1],
    current: [1, 0, 2, 0],
  });
});

test('counts of other levels do not merge', () => {
  assert.throws(() => mergeCategories(emptyCategories(['a'], 'h'), emptyCategories(['a'], 'k')), /h and k/);
  assert.throws(() => addCategory(emptyCategories(['a'], 'h'), [], 'a'), /1 levels were given 0/);
});
