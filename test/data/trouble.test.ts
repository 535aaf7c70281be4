/** What goes wrong with versions of data on a real machine: kills, races, full disks, edits of what is shared, damage, and input that is no table. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pawl, start, startServer } from '../cli/pawl.ts';
import type { Server } from '../cli/pawl.ts';

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const entry = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');

function makeFolder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(server.folder, name);
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content);
  return folder;
}

const many = (count: number, seed: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.txt`, `${seed} ${index} ${'x'.repeat(index % 900)}`]));

const own = (cache: string) => ({ env: { PAWL_SERVER: server.url, PAWL_CACHE: join(server.folder, cache) } });

test('an add that is killed at any moment leaves all of a version or none, and the next one makes the same as if there had been no other', async () => {
  const source = makeFolder('killed', { ...many(800, 'killed'), large: Buffer.alloc(9_000_000, 'pawl kill ') });
  for (const via of ['disk', 'http']) {
    for (const delay of [200, 400]) {
      const { child, ended } = start(['data', 'add', `killed-${via}`, source, '--via', via], own('killed-cache'));
      setTimeout(() => child.kill('SIGKILL'), delay);
      const { code } = await ended;
      const isThere = new RegExp(`^killed-${via} `, 'm').test(await server.run('data', 'list'));
      assert.ok(isThere || code !== 0, 'an add that said it was done left no version');
      // Killed between the server's answer and its own end: then all of it is there.
      if (isThere) assert.match(await server.run('data', 'verify', `killed-${via}`), /is intact: 801 files/);
    }
    await server.run('data', 'add', `killed-${via}`, source, '--via', via);
    assert.match(await server.run('data', 'verify', `killed-${via}`), /is intact: 801 files/);
  }
  const [disk, http] = [await server.json('data', 'show', 'killed-disk'), await server.json('data', 'show', 'killed-http')];
  assert.equal(disk.manifest, http.manifest);
});

test('two adds of one folder at once make one version; of two folders, two that are whole', async () => {
  const [one, two] = [makeFolder('race-1', many(400, 'one')), makeFolder('race-2', many(400, 'two'))];
  const add = (name: string, folder: string, index: number) => pawl(['data', 'add', name, folder], own(`race-cache-${index}`));
  const same = await Promise.all([0, 1].map((index) => add('same', one, index)));
  assert.deepEqual(
    same.map(({ code }) => code),
    [0, 0],
  );
  assert.equal((await server.json('data', 'log', 'same')).items.length, 1);
  await Promise.all([add('both', one, 2), add('both', two, 3)]);
  assert.equal((await server.json('data', 'log', 'both')).items.length, 2);
  for (const ref of ['same', 'both:1', 'both:2']) assert.match(await server.run('data', 'verify', ref), /is intact: 400 files/);
});

test('a checkout that finds no room says so, and leaves no folder and nothing half written', async () => {
  await server.run('data', 'add', 'room', makeFolder('room', { 'large.bin': Buffer.alloc(3_000_000, 'room '), small: 'small' }));
  for (const via of ['disk', 'http']) {
    const target = join(server.folder, `room-${via}`);
    const shell = 'ulimit -f 1000; exec "$0" "$@"';
    const words = [process.execPath, entry, 'data', 'checkout', 'room', target, '--via', via];
    const { status, stderr } = spawnSync('bash', ['-c', shell, ...words], {
      encoding: 'utf8',
      env: { ...process.env, ...own('room-cache').env },
    });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^Error: Cannot write to [^\n]*larger than this disk or account allows[^\n]*\n$|^Error: Cannot write to [^\n]*EFBIG[^\n]*\n$/,
    );
    assert.equal(existsSync(target), false);
    assert.match(await server.run('data', 'checkout', 'room', target, '--via', via), /is in/);
    assert.deepEqual(readdirSync(target).toSorted(), ['large.bin', 'small']);
  }
});

test('a file that is shared with the store is read-only; who writes to it all the same is found out, and what he wrote is not served', async () => {
  const content = Buffer.alloc(200_000, 'shared ');
  const source = makeFolder('shared', { 'table.bin': content });
  await server.run('data', 'add', 'shared', source, '--link', 'hardlink');
  const target = join(server.folder, 'shared-out');
  await server.run('data', 'checkout', 'shared', target, '--link', 'hardlink');
  const file = join(target, 'table.bin');
  assert.deepEqual([statSync(file).mode & 0o222, statSync(file).ino], [0, statSync(join(source, 'table.bin')).ino]);
  assert.match(await server.run('data', 'status', target), /is as in shared:1/);
  // Replacing it, as editors do, touches nobody else.
  const copy = join(target, 'aside');
  writeFileSync(copy, 'edited');
  spawnSync('mv', ['-f', copy, file]);
  assert.match(await server.run('data', 'status', target), /changed {2}table\.bin/);
  assert.match(await server.run('data', 'verify', 'shared'), /is intact/);
  chmodSync(join(source, 'table.bin'), 0o644);
  appendFileSync(join(source, 'table.bin'), 'x');
  const { code, stdout } = await pawl(['data', 'verify', 'shared'], own('other'));
  assert.equal(code, 1);
  assert.match(stdout, /^table\.bin .*It was not served/m);
  for (const via of ['disk', 'http']) {
    const out = join(server.folder, `shared-${via}`);
    assert.match(await server.refuse(1, 'data', 'checkout', 'shared:1', out, '--via', via), /is damaged/);
    assert.equal(existsSync(out), false);
  }
  await server.run('data', 'add', 'shared-again', makeFolder('shared-again', { 'table.bin': content }));
  assert.match(await server.run('data', 'verify', 'shared'), /is intact/);
});

test('a file is fetched from an address, gone on with after a break, and refused when it is another', async () => {
  const content = Buffer.from(`a,b\n${Array.from({ length: 100_000 }, (_, row) => `${row},${row % 7}\n`).join('')}`);
  const asked: (string | undefined)[] = [];
  const site = createServer((request, response) => {
    asked.push(request.headers.range);
    assert.equal(request.headers.authorization, `Basic ${btoa('user:secret')}`);
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': content.length - from });
    if (asked.length > 1) response.end(content.subarray(from));
    else response.write(content.subarray(0, 300_000), () => setTimeout(() => response.destroy(), 50));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://user:secret@127.0.0.1:${(site.address() as { port: number }).port}/rows.csv`;
    assert.match(await server.refuse(1, 'data', 'import', 'fetched', url), /the connection was lost; the same command goes on/);
    assert.match(await server.run('data', 'import', 'fetched', url), /table \.: csv, 100,000 rows/);
    assert.match(asked[1] ?? '', /^bytes=[1-9]\d*-$/);
    const shown = await server.json('data', 'show', 'fetched');
    assert.equal(shown.source.etag, '"v1"');
    assert.doesNotMatch(JSON.stringify(shown), /secret/);
    assert.equal(await server.run('data', 'cat', 'fetched', 'rows.csv', '--range', '0-3'), 'a,b\n');
    assert.match(await server.refuse(1, 'data', 'import', 'fetched', url, '--sha256', '0'.repeat(64)), /sha256:000/);
    assert.match(await server.refuse(1, 'data', 'import', 'fetched', url, '--limit', '1000'), /1,?000|limit|larger/);
    assert.equal((await server.json('data', 'log', 'fetched')).items.length, 1);
  } finally {
    site.closeAllConnections();
    site.close();
  }
});

test('what is no whole table is refused by name, before there is a version', async () => {
  const good = makeFolder('tables', { 'rows.csv': 'id,n\n1,2\n' });
  await server.run('data', 'add', 'tables', good);
  await server.run('data', 'add', 'parquet', '--query', 'SELECT range AS n FROM range(1000)');
  const bytes = spawnSync(process.execPath, [entry, 'data', 'cat', 'parquet', 'rows.parquet'], {
    env: { ...process.env, ...own('cat').env },
  }).stdout;
  const cut = makeFolder('cut', { 'rows.parquet': bytes.subarray(0, bytes.length - 20) });
  assert.match(await server.refuse(1, 'data', 'add', 'parquet', cut), /rows\.parquet cannot be read as a table/);
  writeFileSync(join(good, 'rows.csv'), `id,n\n${'1,2\n'.repeat(30_000)}1,2,3,4\n`);
  assert.match(
    await server.refuse(1, 'data', 'add', 'tables', good),
    /rows\.csv cannot be read as a table: CSV Error on Line: 30002, Expected Number of Columns: 2 Found: [34]/,
  );
  assert.equal((await server.json('data', 'show', 'tables')).version, 1);
  assert.equal((await server.json('data', 'show', 'parquet')).version, 1);
  assert.deepEqual(readFileSync(join(good, 'rows.csv'), 'utf8').length, 120_013);
});
