import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { toContract } from './contract.ts';
import type { CheckSuite } from './types.ts';

const ask = (type: string, kwargs: CheckSuite['expectations'][number]['kwargs'], more: object = {}) =>
  ({ type: `expect_${type}`, kwargs, severity: 'critical', ...more }) as const;

const suite: CheckSuite = {
  name: 'mails',
  dataset: 'mails',
  environments: { training: { without: [] }, serving: { without: ['spam'] } },
  expectations: [
    ask('column_values_to_not_be_null', { column: 'spam' }),
    ask('column_values_to_be_between', { column: 'size', min_value: 0, max_value: 100, mostly: 0.9 }),
    ask('column_values_to_match_regex', { column: 'sender', regex: '@' }, { severity: 'warning' }),
    ask('table_row_count_to_be_between', { min_value: 100 }, { environments: ['training'] }),
  ],
};

test('a record is asked what holds where it comes from, and nothing about whole tables', () => {
  const serving = toContract(suite, 'serving');
  assert.deepEqual(serving.asked, suite.expectations.slice(1, 3));
  assert.deepEqual(toContract(suite, 'training').asked, suite.expectations.slice(0, 3));
  assert.throws(
    () => toContract(suite, 'nowhere'),
    (error) => isFault(error, 'environment_not_found'),
  );
  const breaches = (record: Parameters<typeof serving.judge>[0]) =>
    serving.judge(record).map(({ expectation, verdict }) => [expectation.kwargs['column'], expectation.severity, verdict]);
  assert.deepEqual(breaches({ size: 5, sender: 'a@b' }), []);
  assert.deepEqual(breaches({ size: null, sender: null }), []);
  assert.deepEqual(breaches({ size: 500, sender: 'ann' }), [['size', 'critical', 'unmet'], ['sender', 'warning', 'unmet']]); // prettier-ignore
  assert.deepEqual(breaches({ size: 'large' }), [['size', 'critical', 'error'], ['sender', 'warning', 'error']]); // prettier-ignore
  assert.equal(serving.judge({ size: 5, sender: 'a@b' }), serving.judge({ size: 6, sender: 'c@d' }));
});
