import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CellValue } from '../../serving/types.ts';
import { columnsOfCondition } from './columns.ts';
import { toConditionTest } from './judge.ts';
import type { ConditionVerdict } from './judge.ts';
import { parseCondition } from './parse.ts';
import type { ConditionParser } from './parse.ts';
import { readCondition } from './read.ts';

type Row = Readonly<Record<string, CellValue>>;

function holds(source: string, row: Row, parser: ConditionParser = 'pandas'): ConditionVerdict {
  return toConditionTest(parseCondition(source, parser), (one: Row, column) => one[column])(row);
}

describe('row conditions', () => {
  test('and binds stronger than or, and not stronger than both; signs may be words', () => {
    const row = { a: 1, b: 2, c: 3 };
    assert.equal(holds('a == 1 or b == 9 and c == 9', row), true);
    assert.equal(holds('(a == 1 or b == 9) and c == 9', row), false);
    assert.equal(holds('not a == 9 and b == 2', row), true);
    assert.equal(holds('~(a == 9) & b == 2 | c == 9', row), true);
    assert.equal(holds('NOT a = 9 AND b <> 9', row, 'spark'), true);
  });

  test('the dialects of pandas, Spark and Great Expectations', () => {
    const row = { x: 5, 'two words': 'a"b', flag: true, none: null };
    for (const source of [
      '3 < x <= 5',
      '5 >= x',
      'x in [1, 5]',
      'x not in (1, 2,)',
      "`two words` == 'a\"b'",
      'flag',
      'flag == True and x != 2',
      'none.isnull() and x.notnull()',
      'col("x") > 4.5',
      'col("none").isna()',
      'x > -1e3',
    ])
      assert.equal(holds(source, row), true, source);
    for (const source of [
      'x between 5 and 6',
      "`two words` like 'a%b'",
      "`two words` not like '_'",
      'none is null',
      'x is not null',
      'x <> 4 && flag',
    ])
      assert.equal(holds(source, row, 'spark'), true, source);
    assert.equal(holds('col("d") < date("2020-01-02")', { d: '2020-01-01' }, 'great_expectations'), true);
  });

  test('a missing value is unequal to everything in pandas, and unknown in SQL', () => {
    const row = { x: null };
    for (const [source, pandas] of [
      ['x != 1', true],
      ['x not in [1]', true],
      ['x == 1', false],
      ['not (x > 1)', true],
      ['not (x > 1) or x == 2', true],
      ['x == x', false],
    ] as const) {
      assert.equal(holds(source, row, 'pandas'), pandas, source);
      assert.equal(holds(source, row, 'spark'), false, source);
    }
    assert.equal(holds('x > 1 or y == 1', { x: null, y: 1 }, 'spark'), true);
  });

  test('a column that is missing, or of another type, is an error', () => {
    assert.equal(holds('x > 1', {}), 'error');
    assert.equal(holds('x > 1', { x: 'a' }), 'error');
    assert.equal(holds('x < y', { x: 1, y: 'a' }), 'error');
    assert.equal(holds('x > True', { x: true }), 'error');
  });

  test('what is wrong is told with its position, in one line', () => {
    for (const [source, problem] of [
      ['x >', /position 3: it ends too early/],
      ['x > 1)', /position 5: "\)" is out of place/],
      ['(x > 1', /position 6: "\)" is missing/],
      ['1 > 2', /names no column/],
      ["'a'", /a comparison is missing/],
      ['x in 5', /a list is missing/],
      ['len(x) > 1', /position 0: there is no function "len"/],
      ['x + 1 > 2', /position 2: "\+" is not understood/],
      ['x; drop table y', /position 1: ";" is not understood/],
      [`${'('.repeat(60)}x > 1`, /nested too deeply/],
    ] as const) {
      assert.throws(
        () => parseCondition(source, 'pandas'),
        (error) => error instanceof RangeError && problem.test(error.message) && !error.message.includes('\n'),
        source,
      );
    }
  });

  test("Great Expectations' objects are read", () => {
    const comparison = { type: 'comparison', column: { name: 'a' }, operator: 'IN', parameter: [1, 2] };
    const condition = readCondition(
      { type: 'or', conditions: [comparison, { type: 'nullity', column: { name: 'b' }, is_null: true }] },
      undefined,
    );
    assert.ok(condition);
    const judge = toConditionTest(condition, (row: Row, column) => row[column]);
    assert.deepEqual(
      [
        { a: 2, b: 1 },
        { a: 3, b: null },
        { a: 3, b: 1 },
      ].map(judge),
      [true, true, false],
    );
    assert.deepEqual(columnsOfCondition(condition), ['a', 'b']);
    assert.deepEqual(readCondition({ type: 'pass_through', pass_through_filter: 'a > 1' }, 'pandas'), parseCondition('a > 1', 'pandas'));
    assert.equal(readCondition(null, null as never), null);
    for (const bad of [{ type: 'xor' }, { type: 'comparison', column: { name: 'a' }, operator: '~', parameter: 1 }, 5])
      assert.throws(() => readCondition(bad, undefined), RangeError, JSON.stringify(bad));
  });
});
