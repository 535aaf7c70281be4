import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fromTableProfile, toProfile } from '@pawl/core';
import type { ExpectationResult, JsonObject, TableSource, Tables } from '@pawl/core';
import { hashSha256 } from '../src/clock/sha256.ts';
import { tableFiles } from './table-files.ts';

/** What every driver of the Tables port must do with profiles, with other tables, and with a suite's own queries. */
export function testTableChecks(name: string, open: () => Tables): void {
  describe(`checks of tables: ${name}`, () => {
    let tables: Tables;
    let folder: string;

    before(async () => {
      tables = open();
      folder = await mkdtemp(join(tmpdir(), "pawl-che'cks-"));
    });
    after(async () => {
      await tables.close();
      await rm(folder, { recursive: true, force: true });
    });
    const { source, parquet } = tableFiles(() => ({ folder, tables }));

    async function check(from: TableSource, type: string, kwargs: JsonObject): Promise<ExpectationResult> {
      const [result] = await tables.check(from, { expectations: [{ type: `expect_${type}`, kwargs, severity: 'critical' }] });
      assert.ok(result);
      return result;
    }

    test('profiles columns of few values exactly, and of many by sketches with exact counts', async () => {
      const few = await source('csv', 'n,x,s,b,e\n1,0.5,a1,true,\n2,NaN,b2,false,\n2,inf,,true,\n-3,0.5,"",,\n');
      const { rows, columns } = await tables.profile(few, (data) => `sha256:${data.length}`);
      assert.equal(rows, 4);
      assert.deepEqual(
        columns.map(({ name, semantic, nulls, distinct, min, max }) => [name, semantic, nulls, distinct.count, distinct.exact, min, max]),
        [
          ['n', 'number', 0, 3, true, -3, 2],
          ['x', 'number', 0, 2, true, 0.5, 'inf'],
          ['s', 'text', 2, 2, true, 'a1', 'b2'],
          ['b', 'boolean', 1, 2, true, false, true],
          ['e', 'empty', 4, 0, true, null, null],
        ],
      );
      const [n, x, s] = columns;
      assert.deepEqual(n?.top, [{ value: 2, count: 2 }, { value: -3, count: 1 }, { value: 1, count: 1 }]); // prettier-ignore
      assert.deepEqual(
        [n?.numbers?.mean, n?.numbers?.negatives, n?.numbers?.edges, n?.numbers?.histogram.counts],
        [0.5, 1, { edges: [-3, 1], min: -3, max: 2 }, [1, 1, 2]],
      );
      assert.deepEqual([x?.numbers?.nans, x?.numbers?.positiveInfinite, x?.numbers?.histogram.rows], [1, 1, 4]);
      assert.deepEqual([s?.texts?.minLength, s?.texts?.shapes], [2, [{ shape: 'a9', share: 1 }]]);

      const count = 20_000;
      const many = await parquet(
        Array.from({ length: count }, (_, at) => ({ v: (at * 7919) % count, w: at % 2 === 0 ? 'often' : `once ${at}` })),
      );
      const wide = await tables.profile(many, () => 'sha256:0');
      const [v, w] = ['v', 'w'].map((name) => wide.columns.find((column) => column.name === name));
      assert.deepEqual([v?.semantic, v?.distinct.exact, v?.min, v?.max], ['identifier', false, 0, count - 1]);
      assert.ok(Math.abs((v?.distinct.count ?? 0) - count) < 0.1 * count);
      const { edges, histogram, quantiles } = v?.numbers ?? {};
      assert.equal(
        histogram?.counts.reduce((sum, one) => sum + one, 0),
        count,
      );
      // What is counted up to an edge is exactly what lies there, however the edge was drawn.
      let below = 0;
      edges?.edges.forEach((edge, at) => assert.equal((below += histogram?.counts[at] ?? 0), Math.floor(edge) + 1));
      for (const { share, value } of quantiles ?? []) assert.ok(Math.abs(value / count - share) < 0.02, `${share}: ${value}`);
      assert.deepEqual(w?.top[0], { value: 'often', count: count / 2 });
    });

    test('a profile is the baseline that the rows themselves would give', async () => {
      const rows = 10_000;
      const from = await source(
        'csv',
        `f,i,k,b,t,gap\n${Array.from({ length: rows }, (_, at) => {
          const f = at % 97 === 0 ? 'nan' : at % 101 === 0 ? '-inf' : Math.sin(at) * 1e3;
          return [f, (at * 7919) % 9000, (at % 700) - 300, at % 3 === 0, `x${at}`, at % 2 === 0 ? '' : at / 8].join(',');
        }).join('\n')}\n`,
      );
      const names = ['f', 'i', 'k', 'b', 't', 'gap'];
      const { columns } = await tables.readColumns(from, names);
      const baseline = fromTableProfile(await tables.profile(from, hashSha256), names);
      assert.deepEqual(Object.keys(baseline), ['f', 'i', 'k', 'b', 'gap']);
      assert.deepEqual(baseline, toProfile(columns, hashSha256));
      assert.deepEqual(Object.keys(fromTableProfile(await tables.profile(from, hashSha256), ['k'])), ['k']);
    });

    test('finds the first rows that break an expectation, in one file and in several', async () => {
      const lines = (from: number): string =>
        `n,s\n${Array.from({ length: 50 }, (_, at) => `${from + at},${(from + at) % 10 === 0 ? '' : 'x'}`).join('\n')}\n`;
      for (const [from, every] of [
        [await source('csv', lines(1), lines(51)), 10],
        [await parquet(Array.from({ length: 400 }, (_, at) => ({ s: at % 8 === 7 ? null : 'x' }))), 8],
      ] as const) {
        const { rows, samples, unexpectedCount } = await check(from, 'column_values_to_not_be_null', { column: 's' });
        assert.deepEqual(
          [rows[0], rows[1], unexpectedCount >= samples.length, samples.length],
          [every, 2 * every, true, Math.min(20, unexpectedCount)],
        );
        const unique = await check(from, 'column_values_to_be_unique', { column: 's' });
        assert.deepEqual(unique.rows.slice(0, 3), [1, 2, 3]);
      }
    });

    test('compares with other tables, and runs a query that can open nothing else', async () => {
      const line = (at: number): JsonObject => ({ v: at % 40, g: at % 3 === 0 ? 'a' : 'b' });
      const first = await parquet(Array.from({ length: 4000 }, (_, at) => line(at)));
      const same = await parquet(Array.from({ length: 3000 }, (_, at) => line(at + 5)));
      const moved = await parquet(Array.from({ length: 3000 }, (_, at) => ({ v: (at % 40) + 10, g: at % 3 === 0 ? 'b' : 'c' })));
      const other = 'other:1';
      const ask = async (from: TableSource, type: string, kwargs: JsonObject): Promise<ExpectationResult> => {
        const expectations = [{ type, kwargs: { other_table_name: other, ...kwargs }, severity: 'critical' as const }];
        const [result] = await tables.check(from, { expectations, references: { [other]: first } });
        return result as ExpectationResult;
      };
      for (const method of ['effect', 'ks', 'chi_square', 'psi', 'kl', 'js']) {
        const type = 'expect_column_distribution_to_match_other_table';
        assert.equal((await ask(same, type, { column: 'v', test: method })).outcome, 'passed', method);
        assert.equal((await ask(moved, type, { column: 'v', test: method })).outcome, 'failed', method);
        if (method !== 'ks') assert.equal((await ask(moved, type, { column: 'g', test: method })).outcome, 'failed', method);
      }
      const foreign = await ask(moved, 'expect_column_values_to_be_in_other_table', { column: 'v' });
      assert.deepEqual([foreign.outcome, foreign.unexpectedCount, foreign.samples[0], foreign.rows[0]], ['failed', 750, 40, 31]);
      assert.equal((await ask(same, 'expect_table_row_count_to_equal_other_table', {})).outcome, 'failed');
      assert.match(
        (await ask(same, 'expect_column_values_to_be_in_other_table', { column: 'v', other_table_name: 'gone' })).note ?? '',
        /no table "gone"/,
      );
      const fresh = async (max_age: string): Promise<string | undefined> => {
        const expectation = { type: 'expect_column_max_to_be_fresh', kwargs: { column: 't', max_age }, severity: 'critical' } as const;
        return (await tables.check(first, { expectations: [expectation], at: 3_603_999 }))[0]?.outcome;
      };
      assert.deepEqual([await fresh('1h'), await fresh('59m')], ['passed', 'failed']);
    });

    test("runs a suite's own query, which can open nothing but the table and change nothing", async () => {
      const rows = await parquet(Array.from({ length: 40 }, (_, at) => ({ v: at })));
      const secret = join(folder, 'secret.csv');
      await writeFile(secret, 'a\n1\n');
      const quoted = secret.replaceAll("'", "''");
      for (const [query, outcome, note] of [
        ['SELECT v FROM {batch} WHERE v > 38', 'failed', null],
        ['SELECT * FROM {batch} WHERE v > 39;', 'passed', null],
        [`SELECT * FROM read_csv('${quoted}')`, 'error', /disabled|permission|cannot access/i],
        [`COPY batch TO '${quoted}.out'`, 'error', /disabled|must be a SELECT/],
        ['SELECT 1; DROP VIEW batch', 'error', /must be one SELECT/],
        ['SET enable_external_access = true', 'error', /disabled|must be a SELECT/],
        ['SELECT nothing FROM {batch}', 'error', /nothing/],
      ] as const) {
        const result = await tables.check(rows, {
          expectations: [{ type: 'unexpected_rows_expectation', kwargs: { unexpected_rows_query: query }, severity: 'critical' }],
        });
        assert.equal(result[0]?.outcome, outcome, `${query}: ${result[0]?.note}`);
        if (note !== null) assert.match(result[0]?.note ?? '', note);
        if (outcome === 'failed') assert.deepEqual([result[0]?.unexpectedCount, result[0]?.samples], [1, ['{"v":39}']]);
      }
      assert.ok(!(await readdir(folder)).includes('secret.csv.out'));
    });
  });
}
