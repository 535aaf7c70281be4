import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isFault } from '@pawl/core';
import { bare, tableFiles } from './table-files.ts';
import type { ExpectationResult, FeatureView, JsonObject, TableSource, Tables } from '@pawl/core';

/** What every driver of the Tables port must do. */
export function testTables(name: string, open: () => Tables): void {
  describe(`tables: ${name}`, () => {
    let tables: Tables;
    let folder: string;

    before(async () => {
      tables = open();
      folder = await mkdtemp(join(tmpdir(), "pawl-tab'les-"));
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

    test('describes each format, several files as one table', async () => {
      assert.deepEqual(await tables.describe(await source('csv', 'id;ok\n1;true\n', 'id;ok;late\n2;false;x\n')), {
        rows: 2,
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'ok', type: 'BOOLEAN' },
          { name: 'late', type: 'VARCHAR' },
        ],
      });
      const json = await source('json', '{"id":"a","n":1}\n{"id":"b","n":2.5}\n', '', '{"id":"c","n":3}');
      assert.deepEqual(await tables.describe(json), {
        rows: 3,
        columns: [
          { name: 'id', type: 'VARCHAR' },
          { name: 'n', type: 'DOUBLE' },
        ],
      });
      assert.deepEqual(await tables.describe(await parquet([{ v: 1 }])), {
        rows: 1,
        columns: [
          { name: 'k', type: 'VARCHAR' },
          { name: 'id', type: 'VARCHAR' },
          { name: 't', type: 'BIGINT' },
          { name: 'v', type: 'BIGINT' },
        ],
      });
      assert.equal((await tables.describe(await source('csv', gzipSync('a,b\n1,2\n3,4\n')))).rows, 2);
      assert.equal((await tables.describe(await source('csv', 'only,header\n'))).rows, 0);
    });

    test('refuses what is no such table, in one line that names the label and no path', async () => {
      const cut = await parquet(Array.from({ length: 2000 }, (_, index) => ({ v: index * 7919 })));
      await truncate(cut.paths[0] ?? '', 900);
      const bad: readonly (readonly [string, TableSource])[] = [
        ['a cut Parquet file', cut],
        ['text as Parquet', await source('parquet', 'hello there, this is no Parquet file at all\n')],
        ['an empty file', await source('parquet', '')],
        ['no file', { format: 'csv', paths: [], label: 'mail:3 labels/' }],
        ['a missing file', { format: 'csv', paths: [join(folder, 'gone')], label: 'mail:3 labels/' }],
        ['a ragged line', await source('csv', 'id,x\n1,2\n2,3,4\n')],
        ['an open quotation mark', await source('csv', 'id,x\n1,"2\n2,3\n')],
        ['bytes that are no text', await source('csv', Buffer.from('a,b\n1,caf\xe9\n', 'latin1'))],
        ['JSON cut in the middle', await source('json', '{"a":1}\n{"a":')],
        ['JSON without objects', await source('json', '1\n2\n')],
        ['the second of two files', await source('json', '{"a":1}\n', '{"a":1}\nnonsense\n')],
      ];
      for (const [what, from] of bad) {
        await assert.rejects(tables.describe(from), (error) => {
          assert.ok(isFault(error, 'table_unreadable'), `${what}: ${String(error)}`);
          assert.match(error.message, /mail:3 labels\//, what);
          assert.doesNotMatch(error.message, /\n|LINE|read_/, what);
          assert.ok(!error.message.includes(folder), `${what}: ${error.message}`);
          return true;
        });
      }
    });

    test('damage inside a file is found when its rows are read', async () => {
      const damaged = await parquet(Array.from({ length: 5000 }, (_, index) => ({ v: `${(index * 2654435761) % 4294967296}` })));
      const bytes = await readFile(damaged.paths[0] ?? '');
      await writeFile(damaged.paths[0] ?? '', bytes.fill(0xff, 200, 20_000));
      await assert.rejects(
        tables.readColumns(damaged, null),
        (error) => isFault(error, 'table_unreadable') && !error.message.includes(folder),
      );
      await assert.rejects(check(damaged, 'column_values_to_be_unique', { column: 'id' }), (error) => isFault(error, 'table_unreadable'));
    });

    test('reads columns in file order as plain values', async () => {
      const from = await source(
        'json',
        '{"n":1,"f":0.5,"b":true,"s":"x","d":"2024-02-29","deep":{"a":[1]}}\n',
        '{"n":-2,"f":null,"b":false,"s":"","d":null,"deep":null}\n',
      );
      assert.deepEqual(await tables.readColumns(from, null), {
        rows: 2,
        columns: { n: [1, -2], f: [0.5, null], b: [true, false], s: ['x', ''], d: ['2024-02-29', null], deep: ['{"a":[1]}', null] },
      });
      assert.deepEqual(await tables.readColumns(from, ['s', 'n']), { rows: 2, columns: { s: ['x', ''], n: [1, -2] } });
      await assert.rejects(
        tables.readColumns(from, ['S']),
        (error) => isFault(error, 'column_missing') && /"S"; it has n, f/.test(error.message),
      );
      const large = await source('csv', 'n\n9007199254740993\n');
      await assert.rejects(
        tables.readColumns(large, null),
        (error) => isFault(error, 'table_unreadable') && /9007199254740993/.test(error.message),
      );
      const many = await source('csv', `n\n${Array.from({ length: 300_000 }, (_, index) => index).join('\n')}\n`);
      const { columns } = await tables.readColumns(many, ['n']);
      assert.deepEqual([columns['n']?.length, columns['n']?.every((value, index) => value === index)], [300_000, true]);
    });

    test('judges rows by the vocabulary, with samples', async () => {
      const from = await parquet([
        { v: 1, s: 'ab' },
        { v: 5, s: 'é🦆' },
        { v: null, s: null },
        { v: 5, s: '' },
      ]);
      const cases: readonly (readonly [string, JsonObject, string, number, readonly unknown[]])[] = [
        ['column_values_to_not_be_null', { column: 'v' }, 'failed', 1, [null]],
        ['column_values_to_not_be_null', { column: 'v', mostly: 0.75 }, 'passed', 1, [null]],
        ['column_values_to_be_null', { column: 'v' }, 'failed', 3, [1, 5, 5]],
        ['column_values_to_be_between', { column: 'v', min_value: 2, max_value: 5 }, 'failed', 1, [1]],
        ['column_values_to_be_between', { column: 'v', max_value: 5, strict_max: true }, 'failed', 2, [5, 5]],
        ['column_values_to_be_between', { column: 's', min_value: 'a' }, 'failed', 1, ['']],
        ['column_values_to_be_in_set', { column: 'v', value_set: [1, '5'] }, 'failed', 2, [5, 5]],
        ['column_values_to_be_in_set', { column: 'v', value_set: [] }, 'failed', 3, [1, 5, 5]],
        ['column_values_to_be_in_set', { column: 'v', value_set: null }, 'passed', 0, []],
        ['column_values_to_not_be_in_set', { column: 's', value_set: ["'; DROP", 'ab', 'a\0b'] }, 'failed', 1, ['ab']],
        ['column_values_to_be_unique', { column: 'v' }, 'failed', 2, [5, 5]],
        ['column_values_to_match_regex', { column: 's', regex: '^[a-z]+$' }, 'failed', 2, ['é🦆', '']],
        ['column_values_to_match_regex', { column: 'v', regex: '^\\d$' }, 'passed', 0, []],
        ['column_values_to_not_match_regex', { column: 's', regex: '(?i)B' }, 'failed', 1, ['ab']],
        ['column_value_lengths_to_be_between', { column: 's', min_value: 1, max_value: 2 }, 'failed', 1, ['']],
        ['column_value_lengths_to_equal', { column: 's', value: 2 }, 'failed', 1, ['']],
        [
          'compound_columns_to_be_unique',
          { column_list: ['k', 'v'] },
          'failed',
          2,
          [
            ['x', 5],
            ['x', 5],
          ],
        ],
        ['column_pair_values_a_to_be_greater_than_b', { column_A: 'v', column_B: 't' }, 'failed', 1, [[null, 2]]],
        [
          'column_pair_values_a_to_be_greater_than_b',
          { column_A: 'v', column_B: 't', ignore_row_if: 'either_value_is_missing' },
          'passed',
          0,
          [],
        ],
        ['column_pair_values_to_be_equal', { column_A: 'v', column_B: 'v' }, 'passed', 0, []],
      ];
      for (const [type, kwargs, outcome, unexpected, samples] of cases) {
        const result = await check(from, type, kwargs);
        assert.deepEqual(
          [result.outcome, result.unexpectedCount, result.samples, result.elementCount],
          [outcome, unexpected, samples, 4],
          `${type} ${JSON.stringify(kwargs)}`,
        );
      }
    });

    test('judges columns and tables by the vocabulary', async () => {
      const from = await source('csv', 'a,b,c\n1,x,2.5\n3,y,\n8,x,NaN\n');
      const cases: readonly (readonly [string, JsonObject, string, unknown])[] = [
        ['table_row_count_to_be_between', { min_value: 1, max_value: 3 }, 'passed', 3],
        ['table_row_count_to_be_between', { max_value: 3, strict_max: true }, 'failed', 3],
        ['table_row_count_to_equal', { value: 4 }, 'failed', 3],
        ['table_column_count_to_equal', { value: 3 }, 'passed', 3],
        ['column_to_exist', { column: 'b', column_index: 1 }, 'passed', 1],
        ['column_to_exist', { column: 'b', column_index: 2 }, 'failed', 1],
        ['column_to_exist', { column: 'z' }, 'failed', null],
        ['table_columns_to_match_ordered_list', { column_list: ['a', 'b', 'c'] }, 'passed', ['a', 'b', 'c']],
        ['table_columns_to_match_ordered_list', { column_list: ['b', 'a', 'c'] }, 'failed', ['a', 'b', 'c']],
        ['table_columns_to_match_set', { column_set: ['c', 'a'] }, 'failed', ['a', 'b', 'c']],
        ['table_columns_to_match_set', { column_set: ['c', 'a'], exact_match: false }, 'passed', ['a', 'b', 'c']],
        ['column_values_to_be_of_type', { column: 'a', type_: 'int64' }, 'passed', 'BIGINT'],
        ['column_values_to_be_in_type_list', { column: 'b', type_list: ['int64', 'float64'] }, 'failed', 'VARCHAR'],
        ['column_min_to_be_between', { column: 'b', min_value: 'x', max_value: 'x' }, 'passed', 'x'],
        ['column_max_to_be_between', { column: 'a', max_value: 7.5 }, 'failed', 8],
        ['column_mean_to_be_between', { column: 'a', min_value: 4, max_value: 4 }, 'passed', 4],
        ['column_median_to_be_between', { column: 'a', min_value: 3, max_value: 3 }, 'passed', 3],
        ['column_sum_to_be_between', { column: 'c', min_value: 2.5, max_value: 2.5 }, 'passed', 2.5],
        ['column_stdev_to_be_between', { column: 'a', min_value: 3.6, max_value: 3.61 }, 'passed', Math.sqrt(13)],
        ['column_unique_value_count_to_be_between', { column: 'b', min_value: 2, max_value: 2 }, 'passed', 2],
        ['column_proportion_of_unique_values_to_be_between', { column: 'c', min_value: 1 }, 'passed', 1],
        ['column_distinct_values_to_be_in_set', { column: 'b', value_set: ['x'] }, 'failed', null],
        ['column_distinct_values_to_contain_set', { column: 'b', value_set: ['x', 'q', 1] }, 'failed', { missing: ['q', 1] }],
        ['column_distinct_values_to_equal_set', { column: 'a', value_set: [1, 3, 8] }, 'passed', { missing: [] }],
      ];
      for (const [type, kwargs, outcome, observed] of cases) {
        const result = await check(from, type, kwargs);
        assert.deepEqual([result.outcome, result.observed], [outcome, observed], `${type} ${JSON.stringify(kwargs)}`);
      }
    });

    test('passes vacuously and says so; an aggregate over nothing fails', async () => {
      const from = await source('csv', 'a,b\n,1\n,2\n');
      const vacuous = await check(from, 'column_values_to_match_regex', { column: 'a', regex: 'x' });
      assert.deepEqual([vacuous.outcome, vacuous.unexpectedCount, vacuous.note?.startsWith('vacuous')], ['passed', 0, true]);
      const nothing = await source('csv', 'a,b\n');
      assert.equal((await check(nothing, 'column_values_to_not_be_null', { column: 'a' })).outcome, 'passed');
      assert.deepEqual([(await check(nothing, 'column_max_to_be_between', { column: 'b', min_value: '' })).outcome], ['failed']);
    });

    test('a broken expectation is an error with a reason and stops no other', async () => {
      const from = await source('json', '{"a":1,"d":"2024-01-01","f":1.5}\n{"a":2,"d":"2024-02-01","f":2.5}\n');
      const kinds: readonly (readonly [string, JsonObject, RegExp | null])[] = [
        ['column_values_to_not_be_null', { column: 'nope' }, /no column "nope"; the columns are a, d, f/],
        ['column_values_to_match_regex', { column: 'd', regex: '(a' }, /pattern/],
        ['column_values_to_match_regex', { column: 'f', regex: '1' }, /no one text form/],
        ['column_values_to_be_between', { column: 'a', min_value: 'x' }, /cannot be compared/],
        ['column_values_to_be_between', { column: 'd', min_value: 'yesterday' }, /yesterday/],
        ['column_values_to_be_between', { column: 'd', min_value: '2024-01-01' }, null],
        ['column_mean_to_be_between', { column: 'd', min_value: 1 }, /no mean/],
        ['column_pair_values_to_be_equal', { column_A: 'a', column_B: 'd' }, /cannot be compared/],
        ['column_values_to_be_unique', { column: 'a' }, null],
        ['quantum', {}, /no expectation/],
      ];
      const expectations = kinds.map(([type, kwargs]) => ({ type: `expect_${type}`, kwargs, severity: 'critical' as const }));
      const results = await tables.check(from, { expectations });
      assert.equal(results.length, kinds.length);
      for (const [index, [type, , reason]] of kinds.entries()) {
        const result = results[index];
        assert.equal(result?.outcome, reason === null ? 'passed' : 'error', `${type}: ${result?.note}`);
        if (reason !== null) assert.match(result?.note ?? '', reason);
        assert.doesNotMatch(result?.note ?? '', /\n/);
      }
    });

    test('joins features point in time and writes the same bytes each time', async () => {
      const day = 86_400_000;
      const view: FeatureView = {
        ...bare,
        streams: [
          { name: 'all', timeColumn: 't', where: null },
          { name: 'bad', timeColumn: 'confirmed', where: 'spam' },
        ],
        features: [
          { name: 'all_7d', stream: 'all', aggregate: 'count', windowMs: 7 * day },
          { name: 'bad_7d', stream: 'bad', aggregate: 'count', windowMs: 7 * day },
        ],
      };
      const history = await source(
        'json',
        [
          { k: 'x', id: 'a', t: 10 * day, spam: true, confirmed: 11 * day },
          { k: 'x', id: 'b', t: 10 * day + 1, spam: false, confirmed: 10 * day + 1 },
          { k: 'x', id: 'b', t: 10 * day + 2, spam: false, confirmed: 10 * day + 1 },
          { k: 'y', id: 'c', t: 12 * day, spam: true, confirmed: null },
          { k: 'x', id: 'd', t: 12 * day, spam: true, confirmed: 12 * day },
        ]
          .map((line) => JSON.stringify(line))
          .join('\n'),
      );
      const entities = await source(
        'csv',
        `k,t,label\nx,${12 * day},1\nx,${10 * day},2\n,${12 * day},3\nnew,5,4\nx,,5\ny,${12 * day + 1},6\nx,${18 * day},7\nx,${12 * day},8\n`,
      );
      const targets = [join(folder, 'first.parquet'), join(folder, 'second.parquet')] as const;
      for (const target of targets) assert.equal(await tables.joinFeatures(entities, 't', history, view, target), 8);
      const joined = await tables.readColumns({ format: 'parquet', paths: [targets[0]], label: 'joined' }, null);
      assert.deepEqual(Object.keys(joined.columns), ['k', 't', 'label', 'all_7d', 'bad_7d']);
      assert.deepEqual(joined.columns['label'], [1, 2, 3, 4, 5, 6, 7, 8]);
      assert.deepEqual(joined.columns['all_7d'], [2, 0, 0, 0, 0, 1, 1, 2]);
      assert.deepEqual(joined.columns['bad_7d'], [1, 0, 0, 0, 0, 0, 2, 1]);
      assert.deepEqual(await readFile(targets[0]), await readFile(targets[1]));
    });

    test('refuses a join whose columns do not fit, and leaves no file', async () => {
      const rows = await source('json', '{"k":"x","id":"1","t":1,"when":"2024-01-01","flag":1,"ratio":1.5}');
      const target = join(folder, 'never.parquet');
      const stream = { name: 's', timeColumn: 't', where: null };
      const feature = { name: 'n', stream: 's', aggregate: 'count' as const, windowMs: 1000 };
      const attempts: readonly (readonly [Partial<FeatureView>, string, string, RegExp])[] = [
        [{ entity: 'who' }, 't', 'column_missing', /"who"/],
        [{ entity: 'ratio' }, 't', 'invalid_input', /DOUBLE; a key must be/],
        [{}, 'then', 'column_missing', /"then"/],
        [{}, 'when', 'invalid_input', /epoch milliseconds/],
        [{ idColumn: 'key' }, 't', 'column_missing', /"key"/],
        [{ streams: [{ ...stream, where: 'flag' }] }, 't', 'invalid_input', /not boolean/],
        [{ streams: [stream], features: [{ ...feature, name: 'T' }] }, 't', 'invalid_input', /already has a column "T"/],
        [{ streams: [stream], features: [{ ...feature, stream: 'z' }] }, 't', 'invalid_input', /stream "z"/],
      ];
      for (const [change, time, code, message] of attempts) {
        await assert.rejects(
          tables.joinFeatures(rows, time, rows, { ...bare, ...change }, target),
          (error) => isFault(error) && error.code === code && message.test(error.message),
        );
      }
      const nowhere = join(folder, 'no', 'such', 'folder.parquet');
      await assert.rejects(tables.joinFeatures(rows, 't', rows, bare, nowhere), (error) => isFault(error, 'not_writable'));
      assert.deepEqual(
        (await readdir(folder)).filter((file) => file.startsWith('never')),
        [],
      );
    });
  });
}
