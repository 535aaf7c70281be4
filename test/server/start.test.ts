import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pawl, start } from '../cli/pawl.ts';
import { folderOf, serve } from './process.ts';

test('port 0 picks a free one, the ready line names it, and /health answers there', async (context) => {
  const folder = folderOf(context);
  const [one, other] = await Promise.all([serve(context, join(folder, 'one')), serve(context, join(folder, 'other'))]);
  assert.notEqual(one.url, other.url);
  for (const { url } of [one, other]) {
    assert.equal((await fetch(`${url}/health`)).status, 200);
  }
  for (const { code, stdout, stderr, ms } of [await one.stop(), await other.stop()]) {
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Pawl is ready at http:\/\/127\.0\.0\.1:[1-9]\d*\n$/);
    assert.ok(ms < 10_000, `${ms} ms`);
  }
});

test('of servers started at once on a new home exactly one runs; the others say who holds it', async (context) => {
  const home = join(folderOf(context), 'home');
  const all = [1, 2, 3].map(() => start(['server', '--home', home, '--port', '0', '--log-level', 'error']));
  context.after(() => all.forEach(({ child }) => child.kill('SIGKILL')));
  const first = await new Promise<number>((resolve, reject) => {
    for (const [index, { child }] of all.entries()) child.stdout?.once('data', () => resolve(index));
    void Promise.all(all.map(({ ended }) => ended)).then((ends) => reject(new Error(`none got ready: ${JSON.stringify(ends)}`)));
  });
  const refused = await Promise.all(all.filter((_, index) => index !== first).map(({ ended }) => ended));
  for (const { code, stdout, stderr } of refused) {
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^Error: Another Pawl server holds the home [^\n]*home; stop it first[^\n]*\n$/);
  }
  all[first]?.child.kill('SIGTERM');
  assert.equal((await all[first]?.ended)?.code, 0);
});

test('a server whose port is taken leaves its home as good as new', async (context) => {
  const folder = folderOf(context);
  const holder = await serve(context, join(folder, 'holder'));
  const home = join(folder, 'home');
  const { code, stdout, stderr } = await pawl(['server', '--home', home, '--port', new URL(holder.url).port]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^Error: Port \d+ on 127\.0\.0\.1 is already in use[^\n]*\n$/);
  const later = await serve(context, home);
  assert.deepEqual((await later.json('events')).items, []);
  assert.equal((await later.stop()).code, 0);
});

test('a home that cannot be written is one line that names it, and no home', async (context) => {
  const folder = folderOf(context);
  writeFileSync(join(folder, 'file'), 'in the way');
  for (const home of [join(folder, 'file'), join(folder, 'file', 'home'), '/proc/pawl', '/dev/null/home']) {
    const { code, stdout, stderr } = await pawl(['server', '--home', home, '--port', '0']);
    assert.deepEqual([code, stdout], [1, ''], home);
    assert.match(stderr, /^Error: Cannot write to [^\n]+\n$/);
    assert.ok(stderr.includes(home), stderr);
    assert.equal(existsSync(join(home, 'pawl.db')), false);
  }
});

test('blobs that cannot be written refuse data in one line, name nothing half-written, and the server goes on', async (context) => {
  const folder = folderOf(context);
  writeFileSync(join(folder, 'file'), 'in the way');
  writeFileSync(join(folder, 'rows.csv'), 'a\n1\n');
  for (const blobs of [join(folder, 'file'), '/proc/pawl/blobs']) {
    const server = await serve(context, join(folder, 'home'), '--blobs', blobs);
    const { code, stdout, stderr } = await server.pawl('data', 'add', 'rows', join(folder, 'rows.csv'));
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^Error: [^\n]*[Cc]annot write[^\n]*\n$/);
    assert.deepEqual((await server.json('data', 'list')).items, []);
    assert.equal((await server.stop()).code, 0);
  }
});

test('a home on a file system that takes no writes is refused so too', (context) => {
  const folder = folderOf(context);
  const home = join(folder, 'home');
  mkdirSync(home);
  const entry = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');
  const readOnly = 'mount -t tmpfs -o ro none "$0" && exec "$1" "$2" server --home "$0" --port 0';
  // Where nobody may mount, a folder without the right to write does for all but root.
  const mounted = spawnSync('unshare', ['-rm', 'sh', '-c', readOnly, home, process.execPath, entry], { encoding: 'utf8', timeout: 30_000 });
  const cannotMount = mounted.status === null || /unshare|mount:/.test(mounted.stderr);
  const plain = (): typeof mounted => {
    spawnSync('chmod', ['555', home]);
    return spawnSync(process.execPath, [entry, 'server', '--home', process.getuid?.() === 0 ? '/sys/pawl' : home, '--port', '0'], {
      encoding: 'utf8',
      timeout: 30_000,
    });
  };
  const { status, stdout, stderr } = cannotMount ? plain() : mounted;
  assert.deepEqual([status, stdout], [1, ''], stderr);
  assert.match(stderr, /^Error: Cannot write to [^\n]+\n$/);
  assert.deepEqual(readdirSync(home), []);
});

test('each setting that is wrong is one line that names the flag, with exit code 2', async () => {
  for (const [flag, value] of [
    ['--port', '70000'],
    ['--port', 'http'],
    ['--roles', 'api,cook'],
    ['--roles', ''],
    ['--slots', '0'],
    ['--log-level', 'loud'],
  ] as const) {
    const { code, stdout, stderr } = await pawl(['server', flag, value]);
    assert.deepEqual([code, stdout], [2, ''], `${flag} ${value}: ${stderr}`);
    assert.match(stderr, /^Error: [^\n]+\n$/);
    assert.ok(stderr.includes(flag), stderr);
  }
  const { code, stderr } = await pawl(['server', '--port', '0'], { env: { PAWL_SLOTS: 'many' } });
  assert.equal(code, 2);
  assert.match(stderr, /^Error: [^\n]*PAWL_SLOTS[^\n]*\n$/);
});

test('a database that is not there is one line without its password', async (context) => {
  const home = join(folderOf(context), 'home');
  const { code, stdout, stderr } = await pawl([
    'server',
    '--home',
    home,
    '--port',
    '0',
    '--database-url',
    'postgres://pawl:secret@127.0.0.1:1/pawl',
  ]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.equal(stderr, 'Error: The database does not answer: connect ECONNREFUSED 127.0.0.1:1.\n');
});
