import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../ports/json.ts';
import { toRecordChecks } from './record.ts';
import type { CheckedRecord, RecordVerdict } from './record.ts';

function judge(type: string, kwargs: JsonObject, record: CheckedRecord): RecordVerdict | undefined {
  return toRecordChecks([{ type: `expect_${type}`, kwargs, severity: 'critical' }])[0]?.judge(record);
}

describe('record checks', () => {
  test('missing values are unmet only where the expectation is about them; NaN is missing, an infinity and an empty text are not', () => {
    const between = { column: 'x', min_value: 0 };
    assert.equal(judge('column_values_to_not_be_null', { column: 'x' }, { x: null }), 'unmet');
    assert.equal(judge('column_values_to_not_be_null', { column: 'x' }, { x: Number.NaN }), 'unmet');
    assert.equal(judge('column_values_to_not_be_null', { column: 'x' }, { x: '' }), 'met');
    assert.equal(judge('column_values_to_be_null', { column: 'x' }, { x: Number.NaN }), 'met');
    assert.equal(judge('column_values_to_be_between', between, { x: null }), 'ignored');
    assert.equal(judge('column_values_to_be_between', between, { x: Number.NaN }), 'ignored');
    assert.equal(judge('column_values_to_be_between', between, { x: Infinity }), 'met');
    assert.equal(judge('column_values_to_be_between', between, {}), 'error');
    assert.equal(judge('column_values_to_be_between', between, { x: '1' }), 'error');
  });

  test('bounds are inclusive unless strict, and texts order by code point', () => {
    const bounds = { column: 'x', min_value: 1, max_value: 2 };
    assert.equal(judge('column_values_to_be_between', bounds, { x: 2 }), 'met');
    assert.equal(judge('column_values_to_be_between', { ...bounds, strict_max: true }, { x: 2 }), 'unmet');
    assert.equal(judge('column_values_to_be_between', { column: 'x', min_value: '\u{ffee}' }, { x: '\u{1f600}' }), 'met');
  });

  test('equality is typed, an empty set holds nothing and no set holds everything', () => {
    assert.equal(judge('column_values_to_be_in_set', { column: 'x', value_set: ['1', true] }, { x: 1 }), 'unmet');
    assert.equal(judge('column_values_to_be_in_set', { column: 'x', value_set: [1] }, { x: 1.0 }), 'met');
    assert.equal(judge('column_values_to_be_in_set', { column: 'x', value_set: [] }, { x: 1 }), 'unmet');
    assert.equal(judge('column_values_to_be_in_set', { column: 'x', value_set: null }, { x: 1 }), 'met');
    assert.equal(judge('column_values_to_not_be_in_set', { column: 'x', value_set: [1] }, { x: 1 }), 'unmet');
  });

  test('lengths are code points and patterns are searched for', () => {
    assert.equal(judge('column_value_lengths_to_equal', { column: 'x', value: 2 }, { x: '🦆é' }), 'met');
    assert.equal(judge('column_values_to_match_regex', { column: 'x', regex: '\\d{2}' }, { x: 'a12b' }), 'met');
    assert.equal(judge('column_values_to_not_match_regex', { column: 'x', regex: '^\\d+$' }, { x: '12\n' }), 'met');
    assert.equal(judge('column_values_to_match_regex', { column: 'x', regex: '^12$' }, { x: 12 }), 'met');
    assert.equal(judge('column_values_to_match_regex', { column: 'x', regex: '1' }, { x: 1.5 }), 'error');
  });

  test('pairs leave out rows as ignore_row_if says, and one null side is unexpected', () => {
    const pair = { column_A: 'a', column_B: 'b' };
    const greater = 'column_pair_values_a_to_be_greater_than_b';
    assert.equal(judge(greater, pair, { a: 2, b: 1 }), 'met');
    assert.equal(judge(greater, pair, { a: 1, b: 1 }), 'unmet');
    assert.equal(judge(greater, { ...pair, or_equal: true }, { a: 1, b: 1 }), 'met');
    assert.equal(judge(greater, pair, { a: null, b: null }), 'ignored');
    assert.equal(judge(greater, pair, { a: 1, b: null }), 'unmet');
    assert.equal(judge(greater, { ...pair, ignore_row_if: 'either_value_is_missing' }, { a: 1, b: null }), 'ignored');
    assert.equal(judge('column_pair_values_to_be_equal', { ...pair, ignore_row_if: 'neither' }, { a: null, b: null }), 'unmet');
    assert.equal(judge('column_pair_values_to_be_equal', pair, { a: 1, b: '1' }), 'error');
  });

  test('what is about whole columns, or broken, has no record form', () => {
    assert.equal(judge('column_values_to_be_unique', { column: 'x' }, { x: 1 }), undefined);
    assert.equal(judge('table_row_count_to_equal', { value: 1 }, {}), undefined);
    assert.equal(judge('column_values_to_be_between', { column: 'x' }, { x: 1 }), undefined);
  });
});
