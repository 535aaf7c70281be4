import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { expectationsIn } from './environment.ts';
import type { CheckSuite, Expectation } from './types.ts';

const ask = (type: string, kwargs: Expectation['kwargs'], environments?: readonly string[]): Expectation => ({
  type: `expect_${type}`,
  kwargs,
  severity: 'critical',
  ...(environments === undefined ? {} : { environments }),
});

const suite: CheckSuite = {
  name: 's',
  dataset: 'd',
  environments: { training: { without: [] }, serving: { without: ['label'] } },
  expectations: [
    ask('column_values_to_not_be_null', { column: 'x' }),
    ask('column_values_to_be_in_set', { column: 'label', value_set: [0, 1] }),
    ask('column_pair_values_to_be_equal', { column_A: 'x', column_B: 'label' }),
    ask('column_values_to_not_be_null', { column: 'y', row_condition: 'label == 1' }),
    ask('table_columns_to_match_set', { column_set: ['x', 'y', 'label'] }),
    ask('table_row_count_to_be_between', { min_value: 100 }, ['training']),
  ],
};

describe('environments of a suite', () => {
  test('without one, everything is asked; where a column is not, nothing is asked of it', () => {
    assert.equal(expectationsIn(suite, null).length, 6);
    assert.equal(expectationsIn(suite, 'training').length, 6);
    const serving = expectationsIn(suite, 'serving');
    assert.deepEqual(
      serving.map((one) => one.type),
      ['expect_column_values_to_not_be_null', 'expect_table_columns_to_match_set'],
    );
    assert.deepEqual(serving[1]?.kwargs, { column_set: ['x', 'y'] });
  });

  test('an environment that it does not name is refused', () => {
    assert.throws(
      () => expectationsIn(suite, 'toString'),
      (error) => isFault(error, 'environment_not_found') && /it has training, serving/.test(error.message),
    );
    assert.throws(() => expectationsIn({ ...suite, environments: {} }, 'x'), /names no environments/);
  });
});
