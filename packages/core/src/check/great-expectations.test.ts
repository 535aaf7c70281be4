import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import type { JsonValue } from '../ports/json.ts';
import { fromGreatExpectations, isGreatExpectationsSuite } from './great-expectations.ts';

const kwargs = { column: 'x', min_value: 1 };

describe("Great Expectations' suites", () => {
  test('1.x and 0.x are read as they are', () => {
    const now = {
      name: 'my suite',
      id: 'c0ffee',
      expectations: [{ type: 'expect_column_max_to_be_between', kwargs, severity: 'warning', id: 'x', notes: [], meta: {} }],
      meta: { great_expectations_version: '1.24.1', pawl: { dataset: 'mail' } },
    };
    const before = {
      expectation_suite_name: 'mail.warning',
      ge_cloud_id: null,
      expectations: [{ expectation_type: 'expect_column_max_to_be_between', kwargs, meta: {} }],
      evaluation_parameters: {},
      meta: {},
    };
    assert.ok(isGreatExpectationsSuite(now) && isGreatExpectationsSuite(before));
    assert.ok(!isGreatExpectationsSuite({ name: 'x', dataset: 'd', expectations: [] }));
    const expectation = { type: 'expect_column_max_to_be_between', kwargs };
    assert.deepEqual(fromGreatExpectations(now, 'a.json'), {
      name: 'my-suite',
      dataset: 'mail',
      expectations: [{ ...expectation, severity: 'warning' }],
    });
    assert.deepEqual(fromGreatExpectations(before, 'a.json'), {
      name: 'mail.warning',
      dataset: 'mail.warning',
      expectations: [{ ...expectation, severity: 'critical' }],
    });
  });

  test('parameters take the value given, then that of the file', () => {
    const suite = (parameters: JsonValue) => ({
      name: 's',
      suite_parameters: parameters,
      expectations: [{ type: 'ExpectColumnValuesToBeBetween', kwargs: { column: 'x', min_value: { $PARAMETER: 'low' } } }],
    });
    const low = (file: JsonValue, given = {}) => fromGreatExpectations(file, 'a.json', given).expectations[0]?.kwargs['min_value'];
    assert.equal(low(suite({ low: 3 })), 3);
    assert.equal(low(suite({ low: 3 }), { low: 4 }), 4);
    assert.equal(fromGreatExpectations(suite({ low: 3 }), 'a').expectations[0]?.type, 'expect_column_values_to_be_between');
    assert.throws(
      () => low(suite({})),
      (error) => isFault(error, 'suite_invalid') && /expectations\.0: the parameter "low" has no value/.test(error.message),
    );
  });

  test('what is none says where', () => {
    for (const [file, problem] of [
      [5, /is an object/],
      [{ expectations: [] }, /needs a "name"/],
      [{ name: 'x', expectations: [] }, /at least one/],
      [{ name: 'x', expectations: [{}] }, /expectations\.0: "type" is missing/],
      [{ name: 'x', expectations: [{ type: 'a', severity: 'bad' }] }, /expectations\.0\.severity/],
    ] as const)
      assert.throws(
        () => fromGreatExpectations(file, 'a.json'),
        (error) => isFault(error, 'suite_invalid') && problem.test(error.message) && error.message.startsWith('a.json: '),
      );
  });
});
