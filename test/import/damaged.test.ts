import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { pawl, startServer } from '../cli/pawl.ts';
import type { Server } from '../cli/pawl.ts';

const id = (digit: string): string => digit.repeat(32);

async function put(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

const meta = (run: string, uri: string, more = ''): string =>
  `run_id: ${run}\nrun_name: 1e3\nexperiment_id: '383456789012345678'\nstatus: 3\nstart_time: 1\nend_time: 2\nlifecycle_stage: active\nartifact_uri: ${uri}\n${more}`;

/** A file store with one good run, and one of each kind of damage. */
async function writeStore(root: string): Promise<void> {
  const experiment = '383456789012345678';
  await put(root, {
    '0/meta.yaml': `experiment_id: '0'\nname: Default\nartifact_location: file://${root}/0\nlifecycle_stage: active\ncreation_time: 1\nlast_update_time: 2\n`,
    [`${experiment}/meta.yaml`]: `experiment_id: '${experiment}'\nname: good\nartifact_location: file://${root}/${experiment}\nlifecycle_stage: active\ncreation_time: 1\nlast_update_time: 2\n`,
    '5/meta.yaml': 'name: [broken\n',
    [`${experiment}/${id('a')}/meta.yaml`]: meta(id('a'), `file://${root}/${experiment}/${id('a')}/artifacts`),
    [`${experiment}/${id('a')}/params/nul`]: 'a\u0000b',
    [`${experiment}/${id('a')}/metrics/loss`]: '1 0.5 0\n2 nan 1\nbroken line\n3 inf 99999999999999999999\n3 -inf 2\n',
    [`${experiment}/${id('a')}/artifacts/good.txt`]: 'good',
    [`${experiment}/${id('b')}/meta.yaml`]: 'run_id: : :\n  - x',
    [`${experiment}/${id('c')}/params/p`]: '1',
    [`${experiment}/${id('d')}/meta.yaml`]: meta(id('a'), ''),
    [`${experiment}/${id('e')}/meta.yaml`]: meta(id('e'), 'file:///etc'),
    [`${experiment}/not-a-run/meta.yaml`]: meta('x', ''),
    'models/m/meta.yaml': 'name: m\ncreation_timestamp: 1\nlast_updated_timestamp: 2\n',
    'models/m/version-1/meta.yaml': '{',
    'models/m/version-2/meta.yaml': `name: m\nversion: 2\ncurrent_stage: None\ncreation_timestamp: 1\nlast_updated_timestamp: 2\nsource: file://${root}/${experiment}/${id('a')}/artifacts\nrun_id: ${id('a')}\n`,
  });
  await symlink('/etc/hostname', join(root, experiment, id('a'), 'artifacts', 'link.txt'));
}

async function withServer(body: (server: Server) => Promise<void>): Promise<void> {
  const server = await startServer();
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

test('what is broken in a store is told by name, and everything else comes', () =>
  withServer(async (server) => {
    const root = join(server.folder, 'mlruns');
    await writeStore(root);
    const { code, stdout } = await pawl(['import', 'mlflow', root, '--json'], { env: { PAWL_SERVER: server.url }, cwd: server.folder });
    assert.equal(code, 1);
    const { problems, items } = JSON.parse(stdout) as {
      problems: { place: string; problem: string }[];
      items: { what: string; created: number }[];
    };
    const told = (place: string): string =>
      problems
        .filter((one) => one.place.includes(place))
        .map(({ problem }) => problem)
        .join('; ');
    assert.match(told('experiment 5'), /broken/);
    assert.match(told(`run ${id('b')}`), /broken/);
    assert.match(told(`run ${id('c')}`), /cannot be read/);
    assert.match(told(`run ${id('d')}`), /tells another id/);
    assert.match(told(`files of run ${id('e')}`), /lies outside of the store/);
    assert.match(told('run not-a-run'), /32 hex digits/);
    assert.match(told('link.txt'), /leaves the folder/);
    assert.match(told('"nul"'), /U\+FFFD/);
    assert.match(told('"loss"'), /line 3 .*; line 4 /);
    assert.match(told('version 1 of model "m"'), /broken/);
    assert.equal(items.find(({ what }) => what === 'runs')?.created, 2);
    const { run, metrics } = await server.json('run', 'show', id('a'));
    assert.deepEqual([run.name, run.params], ['1e3', { nul: 'a\ufffdb' }]);
    assert.deepEqual([metrics[0].value, metrics[0].step], ['-Infinity', 2]);
    const version = await server.json('model', 'show', 'm:2');
    assert.match(version.package, /^sha256:/);
    // A version that comes to a model which stays as it is here (--on-conflict skip) takes its number all the same.
    const post = async (path: string, body: object): Promise<unknown> =>
      (
        await fetch(`${server.url}/api/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json();
    const texts = { run_link: '', description: '', created_by: 'ann', stage: 'None' };
    const ninth = { model: 'm', version: 9, run: null, tags: {}, aliases: [], created_at: 1, updated_at: 1, ...texts };
    const brought = (await post('v1/imports/versions', { items: [{ ...ninth, source: { kind: 'uri', uri: 's3://a/b' } }] })) as {
      results: { outcome: string }[];
    };
    assert.equal(brought.results[0]?.outcome, 'created');
    const made = (await post('2.0/mlflow/model-versions/create', { name: 'm', source: 's3://a/c' })) as {
      model_version?: { version: string };
    };
    assert.equal(made.model_version?.version, '10');
    // MLflow's clients know the experiment by the number that it had.
    const answer = await fetch(`${server.url}/api/2.0/mlflow/experiments/get?experiment_id=383456789012345678`);
    assert.equal(((await answer.json()) as { experiment: { experiment_id: string } }).experiment.experiment_id, '383456789012345678');
  }));

test('names and numbers that are taken stop an import before it writes, and a prefix lets it beside', () =>
  withServer(async (server) => {
    const root = join(server.folder, 'mlruns');
    await put(root, {
      '0/meta.yaml': `experiment_id: '0'\nname: Default\nartifact_location: ''\n`,
      '1/meta.yaml': `experiment_id: '1'\nname: theirs\nartifact_location: ''\n`,
      [`1/${id('a')}/meta.yaml`]: meta(id('a'), ''),
    });
    await fetch(`${server.url}/api/v1/experiments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"ours"}',
    });
    const options = { env: { PAWL_SERVER: server.url }, cwd: server.folder };
    const refused = await pawl(['import', 'mlflow', root], options);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /experiment 1 is "ours" here and "theirs" there; see --on-conflict and --prefix/);
    assert.equal((await server.json('run', 'list')).items.length, 0);
    await server.json('import', 'mlflow', root, '--prefix', 'old/');
    const again = await server.json('import', 'mlflow', root, '--prefix', 'old/');
    assert.deepEqual(again.items.map(({ what, unchanged }: { what: string; unchanged: number }) => [what, unchanged]).slice(0, 2), [
      ['experiments', 2],
      ['runs', 1],
    ]);
    const list = await server.json('run', 'list', '--experiment', 'old/theirs');
    assert.deepEqual(
      list.items.map((one: { id: string }) => one.id),
      [id('a')],
    );
  }));

test('what is no store is refused in one line', () =>
  withServer(async (server) => {
    const path = join(server.folder, 'x.db');
    assert.match(await server.refuse(1, 'import', 'mlflow', join(server.folder, 'none')), /there is no such folder/);
    await writeFile(path, 'no database');
    assert.match(await server.refuse(1, 'import', 'mlflow', `sqlite:///${path}`), /not a database/);
    await rm(path);
    const database = new DatabaseSync(path);
    database.exec('create table other (x int)');
    assert.match(await server.refuse(1, 'import', 'mlflow', path), /no tables of MLflow/);
    database.exec(`
      create table experiments (experiment_id integer, name text);
      create table runs (run_uuid text, experiment_id integer, status text);
      create table metrics (key text, value real, timestamp integer, run_uuid text);
      create table alembic_version (version_num text);
      insert into alembic_version values ('ffffffffffff');
      insert into experiments values (7, 'old');
      insert into runs values ('${id('f')}', 7, 'FINISHED');
      insert into metrics values ('m', 0.5, 1, '${id('f')}'), ('m', 1.5, 9223372036854775807, '${id('f')}')`);
    database.close();
    // A schema that is not known is read as far as it is: this one is older than any, and says that it is newer.
    const { code, stdout } = await pawl(['import', 'mlflow', path, '--json'], { env: { PAWL_SERVER: server.url }, cwd: server.folder });
    const { problems } = JSON.parse(stdout) as { problems: { problem: string }[] };
    assert.equal(code, 1);
    assert.match(problems.map(({ problem }) => problem).join('; '), /schema ffffffffffff is none that this Pawl knows.*beyond 2\^53/);
    const { metrics } = await server.json('run', 'show', id('f'));
    assert.deepEqual([metrics.length, metrics[0].value], [1, 0.5]);
    assert.match(await server.refuse(1, 'import', 'mlflow', 'https://mlflow.example.com'), /it is a server/);
    assert.match(await server.refuse(1, 'import', 'mlflow', 'mysql://user:secret@host/db'), /^Error: this mysql database cannot/);
    const unreached = await server.refuse(1, 'import', 'mlflow', 'postgresql://user:secret@127.0.0.1:1/db');
    assert.match(unreached, /^Error: postgres:\/\/127\.0\.0\.1:1\/db cannot be imported/);
  }));
