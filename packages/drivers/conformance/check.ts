import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckResult, CheckSuite, Database } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const suite: CheckSuite & { environments: object } = {
  name: 'mail',
  dataset: 'mail',
  expectations: [
    { type: 'expect_column_values_to_be_between', kwargs: { column: 'size', min_value: 0.1, max_value: null }, severity: 'critical' },
    {
      type: 'expect_column_values_to_match_regex',
      kwargs: { column: oddTexts[0] as string, regex: '^\\w+$' },
      severity: 'info',
      environments: ['serving'],
    },
  ],
  environments: { training: { without: [] }, serving: { without: ['spam', oddTexts[0] as string] } },
};

function result(id: string, more: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    dataset: 'mail',
    version: 1,
    suite: 'mail',
    suiteDigest: 'sha256:a',
    environment: null,
    verdict: 'passed',
    results: [],
    at: 1,
    ...more,
  };
}

export function testCheckStore(open: Open): void {
  test('a suite is put, replaced, and listed by name', () =>
    withDatabase(open, async (database) => {
      const { checks } = database.read;
      assert.equal(await checks.suite('mail'), undefined);
      await database.transaction((tx) => tx.checks.putSuite(suite));
      assert.deepStrictEqual(await checks.suite('mail'), suite);
      const { environments: _, ...plain } = suite;
      const changed: CheckSuite = { ...plain, dataset: 'letters', expectations: [], automatic: true };
      await database.transaction(async (tx) => {
        await tx.checks.putSuite(changed);
        await tx.checks.putSuite({ ...suite, name: 'Another' });
      });
      assert.deepStrictEqual(await checks.suites(), [{ ...suite, name: 'Another' }, changed]);
    }));

  test('a suite judges a version once', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const inserted = await Promise.all(
        Array.from({ length: 6 }, (_, at) => (handles[at % 2] as Database).transaction((tx) => tx.checks.insertResult(result(`${at}`)))),
      );
      assert.equal(inserted.filter(Boolean).length, 1);
      const winner = `${inserted.indexOf(true)}`;
      assert.deepStrictEqual(await database.read.checks.result('sha256:a', { dataset: 'mail', version: 1 }), result(winner));
      assert.deepStrictEqual(await database.read.checks.results({ dataset: 'mail', version: 1 }), [result(winner)]);
    }));

  test('a verdict that was taken back makes room for another', () =>
    withDatabase(open, async (database) => {
      const ref = { dataset: 'mail', version: 1 };
      await database.transaction((tx) => tx.checks.insertResult(result('first')));
      await database.transaction(async (tx) => {
        await tx.checks.deleteResult('sha256:other', ref);
        await tx.checks.deleteResult('sha256:a', { ...ref, version: 2 });
        assert.equal(await tx.checks.insertResult(result('second')), false);
        await tx.checks.deleteResult('sha256:a', ref);
        assert.equal(await tx.checks.insertResult(result('second')), true);
      });
      assert.deepEqual(
        (await database.read.checks.results(ref)).map(({ id }) => id),
        ['second'],
      );
    }));

  test('verdicts come back whole, of their own suite and version, oldest first', () =>
    withDatabase(open, async (database) => {
      const { checks } = database.read;
      const full = result('b', {
        verdict: 'failed',
        suiteDigest: 'sha256:b',
        environment: 'serving',
        results: suite.expectations.map((expectation) => ({
          expectation,
          outcome: 'failed',
          elementCount: Number.MAX_SAFE_INTEGER,
          missingCount: 7,
          unexpectedCount: 3,
          observed: { mean: 0.1 },
          samples: [null, 1, ...oddTexts],
          rows: [1, 2],
          note: null,
        })),
      });
      await database.transaction(async (tx) => {
        assert.equal(await tx.checks.insertResult(result('late', { at: 9 })), true);
        assert.equal(await tx.checks.insertResult(full), true);
        assert.equal(await tx.checks.insertResult(result('c', { suiteDigest: 'sha256:c' })), true);
        assert.equal(await tx.checks.insertResult(result('other', { version: 2 })), true);
      });
      const results = await checks.results({ dataset: 'mail', version: 1 });
      assert.deepEqual(
        results.map(({ id }) => id),
        ['b', 'c', 'late'],
      );
      assert.deepStrictEqual(await checks.result('sha256:b', { dataset: 'mail', version: 1 }), full);
      assert.equal(await checks.result('sha256:b', { dataset: 'mail', version: 2 }), undefined);
    }));
}
