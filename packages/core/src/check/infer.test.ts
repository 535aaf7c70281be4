import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnProfile, NumberProfile, TextProfile } from '../dataset/profile.ts';
import { inferSuite } from './infer.ts';
import { toAssertion } from './vocabulary.ts';

const texts: TextProfile = { empty: 0, minLength: 1, maxLength: 9, meanLength: 4, shapes: [{ shape: 'a', share: 1 }] };
const edges = { edges: [1], min: 0, max: 10 };
const numbers: NumberProfile = {
  nans: 0,
  positiveInfinite: 0,
  negativeInfinite: 0,
  zeros: 0,
  negatives: 0,
  mean: 1,
  variance: 1,
  quantiles: [],
  edges,
  histogram: { edgesHash: '', counts: [1, 1], below: 0, above: 0, nulls: 0, nans: 0, positiveInfinite: 0, negativeInfinite: 0, rows: 2 },
};
const column = (name: string, more: Partial<ColumnProfile>): ColumnProfile => ({
  name,
  type: 'VARCHAR',
  semantic: 'text',
  nulls: 0,
  distinct: { count: 1500, exact: true },
  min: null,
  max: null,
  top: [],
  numbers: null,
  texts: null,
  ...more,
});

test('a suite says what was seen with restraint', () => {
  const suite = inferSuite('s', 'd', {
    rows: 2000,
    columns: [
      column('key', { texts, distinct: { count: 2000, exact: true } }),
      column('sketched', { texts, distinct: { count: 2000, exact: false } }),
      column('class', { texts, semantic: 'category', nulls: 100, distinct: { count: 2, exact: true }, top: [{ value: 'b', count: 1000 }, { value: 'a', count: 900 }] }), // prettier-ignore
      column('rare', { texts, distinct: { count: 101, exact: true } }),
      column('size', { type: 'BIGINT', semantic: 'count', min: 5, max: 15, numbers }),
      column('delta', { type: 'DOUBLE', semantic: 'number', min: -1, max: 3, numbers }),
      column('nothing', { nulls: 2000, semantic: 'empty' }),
      column('mail', { texts, semantic: 'email' }),
    ],
  });
  const said = (name: string): readonly string[] =>
    suite.expectations
      .filter((one) => one.kwargs['column'] === name)
      .map(({ type, kwargs, severity }) => {
        const rest = Object.fromEntries(Object.entries(kwargs).filter(([key]) => key !== 'column'));
        return `${type.replace(/^expect_column_values_to_/, '')} ${JSON.stringify(rest)} ${severity}`;
      });
  assert.deepEqual(said('key'), ['be_of_type {"type_":"VARCHAR"} critical', 'not_be_null {} critical', 'be_unique {} critical']);
  assert.deepEqual(said('sketched').slice(2), []);
  assert.deepEqual(said('class').slice(1), [
    'not_be_null {"mostly":0.937} critical',
    'be_in_set {"value_set":["a","b"],"mostly":0.99} critical',
  ]);
  assert.deepEqual(said('rare').slice(2), []);
  assert.deepEqual(said('size').slice(2), ['be_between {"min_value":0,"max_value":25} warning']);
  assert.deepEqual(said('delta').slice(2), ['be_between {"min_value":-5,"max_value":7} warning']);
  assert.deepEqual(said('nothing'), []);
  assert.match(said('mail').at(-1) ?? '', /match_regex.*0\.99.* warning/);
  for (const one of suite.expectations) assert.notEqual(toAssertion(one).form, 'broken', JSON.stringify(one));
});
