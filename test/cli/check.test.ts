import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pawl } from './pawl.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-check-'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data/a.csv'), 'id,age,label\n1,20,yes\n2,200,<no>\n3,,yes\n');
  writeFileSync(join(folder, 'known.csv'), 'id\n1\n2\n');
  writeFileSync(
    join(folder, 'suite.yaml'),
    `name: people
dataset: people
environments: { serving: { without: [label] } }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: age, min_value: 0, max_value: 120 }
  - type: expect_column_values_to_be_in_set
    kwargs: { column: label, value_set: ['yes'] }
    severity: warning
  - type: expect_column_values_to_be_in_other_table
    kwargs: { column: id, other_table_name: known }
    severity: info
`,
  );
});
after(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) => pawl(args, { cwd: folder });

test('a file is judged by the file of a suite, without a server', async () => {
  const { code, stdout, stderr } = await run('check', 'run', 'suite.yaml', 'data', '--with', 'known=known.csv');
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /^data by people: failed \(3 of 3 expectations not met\)\n/);
  assert.match(stdout, /^failed +column_values_to_be_between age .* critical +1 of 2 +50 % +200 \(row 2\)$/m);
  assert.match(stdout, /^failed +.* warning +1 of 3 +33.33 % +"<no>" \(row 2\)$/m);
  assert.match(stdout, /^failed +.* info +1 of 3 +33.33 % +3 \(row 3\)$/m);
  const serving = await run('check', 'run', 'suite.yaml', 'data/a.csv', '--environment', 'serving', '--json');
  const told = JSON.parse(serving.stdout) as { results: readonly { outcome: string; note: string | null }[]; environment: string };
  assert.deepEqual([told.environment, told.results.map((one) => one.outcome)], ['serving', ['failed', 'error']]);
  assert.match(told.results[1]?.note ?? '', /no table "known" to compare with/);
});

test('reports are written in every format, and nothing of the data is taken for markup', async () => {
  const report = async (...args: readonly string[]) => (await run('check', 'run', 'suite.yaml', 'data/a.csv', ...args)).stdout;
  assert.match(await report('--format', 'markdown'), /\| failed \| column\\_values\\_to\\_be\\_in\\_set label .* "\\<no\\>" \(row 2\) \|/);
  const junit = await report('--format', 'junit');
  assert.match(junit, /<testsuite name="data\/a.csv by people" tests="3" failures="1" errors="0"/);
  assert.match(junit, /warning: 1 of 3 rows break it &quot;&lt;no&gt;&quot; \(row 2\)/);
  const gx = JSON.parse(await report('--format', 'gx')) as {
    success: boolean;
    statistics: object;
    results: readonly { result: Record<string, unknown> }[];
  };
  assert.deepEqual([gx.success, gx.statistics], [
    false,
    { evaluated_expectations: 3, successful_expectations: 0, unsuccessful_expectations: 3, success_percent: 0 },
  ]); // prettier-ignore
  const { partial_unexpected_index_list: rows, missing_count: missing, unexpected_percent: percent } = gx.results[0]?.result ?? {};
  assert.deepEqual([rows, missing, percent], [[1], 1, 50]);
  assert.match(await report('-o', 'report.html'), /^data\/a.csv by people: failed .* in report.html\n$/);
  const html = readFileSync(join(folder, 'report.html'), 'utf8');
  assert.match(html, /<td class="failed">failed<\/td><td><code>column_values_to_be_between age/);
  assert.ok(!html.includes('<no>') && html.includes('&lt;no&gt;'));
});

test('what is wrong in a suite is told with its file and line', async () => {
  const wrong = async (text: string): Promise<string> => {
    writeFileSync(join(folder, 'wrong.yaml'), `name: w\ndataset: d\nexpectations:\n${text}`);
    const { code, stderr } = await run('check', 'validate', 'wrong.yaml');
    assert.equal(code, 1);
    return stderr;
  };
  assert.match(
    await wrong('  - type: expect_column_values_to_be_betwen\n'),
    /^Error: wrong.yaml:4: expectations\[0\].type: .*did you mean "expect_column_values_to_be_between"\?\n$/,
  );
  const good = '  - type: expect_column_to_exist\n    kwargs: { column: a }\n';
  assert.match(
    await wrong(`${good}  - type: expect_column_values_to_match_regex\n    kwargs:\n      column: a\n      regex: (a\n`),
    /^Error: wrong.yaml:9: expectations\[1\].kwargs.regex: the pattern "\(a" cannot be used, at position 0: .*unterminated group/,
  );
  assert.match(await wrong(`${good}    environments: [x]\n`), /^Error: wrong.yaml:6: .*no environment "x"/);
  writeFileSync(
    join(folder, 'gx.json'),
    JSON.stringify({
      expectation_suite_name: 'g',
      expectations: [
        { expectation_type: 'expect_column_max_to_be_between', kwargs: { column: 'age', max_value: { $PARAMETER: 'oldest' } } },
      ],
    }),
  );
  assert.match((await run('check', 'validate', 'gx.json')).stderr, /gx.json: expectations.0: the parameter "oldest" has no value/);
  assert.equal((await run('check', 'run', 'gx.json', 'data/a.csv', '--parameter', 'oldest=200')).code, 0);
  assert.match((await run('check', 'validate', 'suite.yaml', 'gx.json')).stdout, /^suite.yaml +3 expectations$/m);
  assert.match((await run('check', 'words', 'fresh')).stdout, /expect_column_max_to_be_fresh .* column max_age/);
});

test('data that is no table is told in one line', async () => {
  const refused = async (name: string, content: string): Promise<string> => {
    writeFileSync(join(folder, name), content);
    const { code, stdout, stderr } = await run('check', 'run', 'suite.yaml', name);
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, /^Error: [^\n]+\n$/);
    return stderr;
  };
  assert.match(
    await refused('cut.parquet', 'PAR1 nothing'),
    /cut.parquet cannot be read as a table: it is no whole Parquet file: its end is missing/,
  );
  assert.match(await refused('ragged.csv', `id,age,label\n${'1,20,yes\n'.repeat(500)}2,30\n`), /ragged.csv cannot be read as a table: /);
  const wider = `id,age,label\n${'1,20,yes\n'.repeat(25_000)}${'1,20,yes,more\n'.repeat(3)}`;
  assert.match(
    await refused('wider.csv', wider),
    /wider.csv cannot be read as a table: .*Line: 25002.*Expected Number of Columns: 3 Found: 4/,
  );
  assert.match(
    (await run('check', 'run', 'suite.yaml', 'nowhere.csv')).stderr,
    /nowhere.csv cannot be read as a table: there is no such file/,
  );
  assert.match((await run('check', 'run', 'suite.yaml', 'suite.yaml')).stderr, /it is no .parquet, .csv/);
});

test('what cannot be asked of a table is an error of its own, which names the column', async () => {
  writeFileSync(
    join(folder, 'odd.yaml'),
    `name: odd
dataset: people
expectations:
  - type: expect_column_mean_to_be_between
    kwargs: { column: label, max_value: 3 }
  - type: expect_column_max_to_be_between
    kwargs: { column: agee, max_value: 3 }
  - type: expect_column_values_to_be_between
    kwargs: { column: label, max_value: 3 }
  - type: expect_column_to_exist
    kwargs: { column: age }
`,
  );
  const { code, stdout, stderr } = await run('check', 'run', 'odd.yaml', 'data/a.csv');
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /^data\/a.csv by odd: error \(3 of 4 expectations not met\)\n/);
  assert.match(stdout, /^error +column_mean_to_be_between label .* column "label" is VARCHAR, which has no mean$/m);
  assert.match(stdout, /^error +.* there is no column "agee"; did you mean "age"\?$/m);
  assert.match(stdout, /^error +column_values_to_be_between label .* column "label" is VARCHAR, which cannot be compared with 3$/m);
  assert.match(stdout, /^passed +column_to_exist age /m);
});

test('a file is profiled, and a suite proposed that it passes', async () => {
  const { stdout } = await run('data', 'profile', 'data/a.csv');
  assert.match(stdout, /^data\/a.csv: 3 rows\nCOLUMN/);
  assert.match(stdout, /^age +BIGINT +count +33.33 % +2 +20 /m);
  assert.match((await run('data', 'profile', 'data/a.csv', '--column', 'label')).stdout, /^ +66.67 % {2}yes$/m);
  assert.match((await run('data', 'profile', 'data/a.csv', '--column', 'x')).stderr, /has no column "x"; it has id, age, label/);
  assert.match(
    (await run('check', 'infer', 'data/a.csv', '-o', 'proposed.yaml')).stdout,
    /^proposed.yaml: \d+ expectations from data\/a.csv/,
  );
  assert.equal((await run('check', 'run', 'proposed.yaml', 'data/a.csv')).code, 0);
  assert.match((await run('check', 'infer', 'data/a.csv', '-o', 'proposed.yaml')).stderr, /proposed.yaml is there already/);
});
