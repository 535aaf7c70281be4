import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../ports/json.ts';
import { meetsMostly } from './mostly.ts';
import { isTypeNamed } from './type-name.ts';
import { toAssertion, vocabulary } from './vocabulary.ts';

function problem(type: string, kwargs: JsonObject): string | undefined {
  const assertion = toAssertion({ type, kwargs, severity: 'critical' });
  return assertion.form === 'broken' ? assertion.problem : undefined;
}

describe('vocabulary of checks', () => {
  test('names are unique, and each says its arguments', () => {
    assert.equal(new Set(vocabulary.map((entry) => entry.type)).size, vocabulary.length);
    for (const entry of vocabulary) assert.match(entry.type, /^(expect_[a-z_]+|unexpected_rows_expectation)$/);
    assert.deepEqual(
      toAssertion({ type: 'expect_column_max_to_be_between', kwargs: { column: 'x', max_value: 3, strict_max: true }, severity: 'info' }),
      {
        form: 'measure',
        column: 'x',
        measure: 'max',
        bounds: { min: null, max: 3, strictMin: false, strictMax: true },
        where: null,
      },
    );
  });

  test('a broken expectation says in one line what is wrong with it', () => {
    const between = 'expect_column_values_to_be_between';
    const cases: readonly (readonly [string, JsonObject, RegExp])[] = [
      ['expect_nothing', {}, /no expectation of type "expect_nothing"/],
      ['expect_column_values_to_be_betwen', {}, /did you mean "expect_column_values_to_be_between"\?/],
      ['column_values_to_be_unique', {}, /did you mean "expect_column_values_to_be_unique"\?/],
      [between, { column: 'x', min_valu: 1 }, /"min_valu" is not an argument of .*; did you mean "min_value"\?/],
      [between, { column: 'x', min_value: 1, row_condition: 'a >' }, /position 3: it ends too early/],
      [between, { column: 'x', min_value: 1, row_condition: 'a > 1', condition_parser: 'sql' }, /condition_parser.*pandas, spark/],
      ['expect_column_values_to_match_strftime_format', { column: 'x', strftime_format: '%Q' }, /"%Q" in the format/],
      ['expect_column_values_to_match_json_schema', { column: 'x', json_schema: { typ: 'object' } }, /uses "typ", which is not supported/],
      ['expect_column_values_to_match_like_pattern', { column: 'x', like_pattern: 'a!', escape: '!' }, /ends with its escape/],
      ['expect_column_max_to_be_fresh', { column: 'x', max_age: 'soon' }, /such as 90m, 36h, 7d/],
      [
        'expect_column_quantile_values_to_be_between',
        { column: 'x', quantile_ranges: { quantiles: [0.5], value_ranges: [] } },
        /1 quantiles and 0 ranges/,
      ],
      [
        'expect_column_kl_divergence_to_be_less_than',
        { column: 'x', partition_object: { bins: [0, 1], weights: [0.5] } },
        /must sum to 1, not 0.5/,
      ],
      [between, { column: 'x', min: 1 }, /"min" is not an argument/],
      [between, { column: 'x' }, /min_value.*max_value/],
      [between, { column: 'x', min_value: 2, max_value: 1 }, /greater/],
      [between, { column: 'x', min_value: 2, max_value: 'b' }, /one type/],
      [between, { min_value: 2 }, /"column" must be a text/],
      [between, { column: 'x', min_value: 1, mostly: 1.1 }, /between 0 and 1/],
      [between, { column: 'x', min_value: 1, strict_min: 'yes' }, /true or false/],
      ['expect_table_row_count_to_equal', { value: 'many' }, /"value" must be a number/],
      ['expect_column_mean_to_be_between', { column: 'x', min_value: 'a' }, /"min_value" must be a number/],
      ['expect_column_values_to_be_in_set', { column: 'x', value_set: [{}] }, /list of texts, numbers or booleans/],
      ['expect_column_values_to_match_regex', { column: 'x', regex: 'a(?=b)' }, /position 1: look-around/],
      ['expect_column_pair_values_to_be_equal', { column_A: 'x', column_B: 'y', ignore_row_if: 'never' }, /both_values_are_missing/],
    ];
    for (const [type, kwargs, message] of cases) {
      assert.match(problem(type, kwargs) ?? 'not broken', message);
      assert.doesNotMatch(problem(type, kwargs) ?? '', /\n/);
    }
  });

  test('what is wrong is laid to the keyword argument that holds it', () => {
    const path = (kwargs: JsonObject): readonly string[] => {
      const assertion = toAssertion({ type: 'expect_column_values_to_match_regex', kwargs, severity: 'critical' });
      return assertion.form === 'broken' ? assertion.path : ['fine'];
    };
    assert.deepEqual(path({ column: 'x', regex: '(a' }), ['regex']);
    assert.deepEqual(path({ regex: 'a' }), ['column']);
    assert.deepEqual(path({ column: 'x', regex: 'a', mostly: 2 }), ['mostly']);
    assert.deepEqual(path({ column: 'x', regex: 'a', row_condition: '(' }), ['row_condition']);
    assert.deepEqual(path({ column: 'x', regex: 'a', rgex: 'b' }), ['rgex']);
    assert.deepEqual(path({ column: 'x', regex: 'a', meta: {}, result_format: 'BASIC' }), ['fine']);
  });

  test('mostly is weighed in the form that does not misfire', () => {
    assert.equal(meetsMostly(10, 1, 0.9), true);
    assert.equal(meetsMostly(10, 2, 0.9), false);
    assert.equal(meetsMostly(0, 0, 1), true);
    assert.equal(meetsMostly(1000, 3, 0.997), true);
  });

  test('a type is known by every name of its logical type', () => {
    assert.equal(isTypeNamed('BIGINT', 'int64'), true);
    assert.equal(isTypeNamed('VARCHAR', 'object'), true);
    assert.equal(isTypeNamed('DOUBLE', 'float64'), true);
    assert.equal(isTypeNamed('DECIMAL(18,3)', 'decimal'), true);
    assert.equal(isTypeNamed('DECIMAL(18,3)', 'DECIMAL(10,3)'), false);
    assert.equal(isTypeNamed('INTEGER', 'BIGINT'), false);
    assert.equal(isTypeNamed('STRUCT(a INTEGER)', 'STRUCT(a INTEGER)'), true);
  });
});
