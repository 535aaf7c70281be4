import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pawl, startServer } from './pawl.ts';
import type { Server } from './pawl.ts';

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** Path, mode and bytes of every file under a folder. */
function readTree(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    files.map((one) => {
      const path = join(one.parentPath, one.name);
      return [path.slice(folder.length + 1), `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'base64')}`] as const;
    }),
  );
}

test('files become a version and come back as the same bytes with the same modes', async () => {
  const source = join(server.folder, 'source');
  mkdirSync(join(source, 'deep/er'), { recursive: true });
  writeFileSync(join(source, 'table.csv'), 'a,b\n1,x\n2,y\n');
  writeFileSync(join(source, 'empty'), '');
  writeFileSync(join(source, 'deep/er/ünï 漢.bin'), Buffer.from([0, 1, 2, 255]));
  writeFileSync(join(source, 'deep/twin'), Buffer.from([0, 1, 2, 255]));
  writeFileSync(join(source, 'big'), Buffer.alloc(3_000_000, 'pawl'));
  writeFileSync(join(source, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(source, 'run.sh'), 0o755);
  chmodSync(join(source, 'empty'), 0o600);

  const said = await server.run('data', 'add', 'mixed', source, '-m', 'first');
  assert.match(said, /^mixed:1: 6 files, 3\.0 MB; sent 5 files, 3\.0 MB\n {2}table \.: csv, 2 rows, 2 columns\n$/);
  const log = await server.json('data', 'log', 'mixed');
  assert.deepEqual(
    log.items.map(({ ref, message, author }: Record<string, unknown>) => [ref, message, author]),
    [['mixed:1', 'first', 'user:ann']],
  );
  assert.deepEqual(log, await (await fetch(`${server.url}/api/v1/datasets/mixed/versions`)).json());

  const target = join(server.folder, 'target');
  assert.match(await server.run('data', 'checkout', 'mixed', target), /6 files written, 3\.0 MB fetched/);
  assert.deepEqual(readTree(target), readTree(source));
  assert.match(await server.run('data', 'checkout', 'mixed:1', target), /0 files written, 0 B fetched, 6 there already/);

  assert.match(await server.run('data', 'add', 'mixed', source), /holds these files already/);
  writeFileSync(join(source, 'new'), 'one more');
  const again = await server.json('data', 'add', 'mixed', source);
  assert.deepEqual([again.created, again.version.ref, again.version.parent], [true, 'mixed:2', 1]);
  const files = await server.run('data', 'files', 'mixed:2');
  assert.match(files, /^run\.sh +10 B +755 +sha256:[0-9a-f]{12}…$/m);
  assert.match(
    await server.run('data', 'show', 'mixed'),
    /Version +mixed:2\n[^]*Table \. \(csv, 1 file, 2 rows\)\nCOLUMN {2}TYPE\na {7}BIGINT/,
  );
  assert.match(await server.run('data', 'list'), /^NAME +CREATED\nmixed +\d{4}-/);
});

test('a single file is a version too', async () => {
  writeFileSync(join(server.folder, 'one.csv'), 'a\n1\n');
  assert.match(await server.run('data', 'add', 'single', 'one.csv'), /^single:1: 1 file, 4 B; sent 1 file/);
  assert.match(await server.run('data', 'files', 'single'), /^one\.csv /m);
});

test('what is in the way is kept, unless it is to be replaced', async () => {
  const target = join(server.folder, 'in-the-way');
  mkdirSync(target);
  writeFileSync(join(target, 'one.csv'), 'mine\n');
  const line = await server.refuse(1, 'data', 'checkout', 'single', target);
  assert.match(line, /in-the-way\/one\.csv: it would be replaced by other content; choose another folder, or --force/);
  assert.equal(readFileSync(join(target, 'one.csv'), 'utf8'), 'mine\n');
  await server.run('data', 'checkout', 'single', target, '--force');
  assert.deepEqual(Object.keys(readTree(target)), ['one.csv']);
  assert.equal(readFileSync(join(target, 'one.csv'), 'utf8'), 'a\n1\n');
});

test('a link in the way leads nothing out of the folder', async () => {
  const [target, outside] = [join(server.folder, 'linked'), join(server.folder, 'outside')];
  mkdirSync(target);
  mkdirSync(outside);
  symlinkSync(outside, join(target, 'deep'));
  assert.match(await server.refuse(1, 'data', 'checkout', 'mixed:1', target), /deep: it must be a folder, and no link/);
  assert.deepEqual(readdirSync(outside), []);
});

test('what is not there is said in one line', async () => {
  assert.equal(await server.refuse(1, 'data', 'show', 'nothing'), 'Error: There is no dataset "nothing"; list them with "pawl data list".');
  assert.match(await server.refuse(1, 'data', 'checkout', 'single:9', 'x'), /Dataset "single" has no version 9/);
  assert.match(
    await server.refuse(1, 'data', 'add', 'a', 'no/such/place'),
    /^Error: Cannot read no\/such\/place: there is no such file or folder\.$/,
  );
  assert.match(await server.refuse(2, 'data', 'add', 'bad name', 'one.csv'), /use letters, digits/);
  writeFileSync(join(server.folder, 'file'), '');
  assert.match(await server.refuse(1, 'data', 'checkout', 'single', 'file/under'), /Cannot write to .*file\/under/);
});

test('what cannot be part of a version is refused, never left out', async () => {
  const place = (name: string): string => {
    const folder = join(server.folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'fine.txt'), 'fine');
    return folder;
  };
  symlinkSync('nowhere', join(place('dangling'), 'link'));
  assert.match(await server.refuse(1, 'data', 'add', 'bad', 'dangling'), /Cannot read dangling\/link: there is no such file or folder/);
  symlinkSync('/etc/hostname', join(place('leaving'), 'link'));
  assert.match(await server.refuse(1, 'data', 'add', 'bad', 'leaving'), /leaving\/link: it is a link that leaves the folder/);
  symlinkSync('.', join(place('circle'), 'link'));
  assert.match(await server.refuse(1, 'data', 'add', 'bad', 'circle'), /circle\/link: it is a link to a folder that it lies in/);
  execFileSync('mkfifo', [join(place('pipe'), 'fifo')]);
  assert.match(await server.refuse(1, 'data', 'add', 'bad', 'pipe'), /fifo: it is not a regular file/);
  mkdirSync(join(server.folder, 'hollow'));
  assert.match(await server.refuse(1, 'data', 'add', 'bad', 'hollow'), /hollow: it holds no file/);
  assert.doesNotMatch(await server.run('data', 'list'), /^bad/m);
});

test('tags, branches and merges: lines of versions by name, and what both sides changed is named', async () => {
  const source = join(server.folder, 'lines');
  mkdirSync(source);
  const write = (name: string, text: string): void => writeFileSync(join(source, name), text);
  write('rows.csv', 'id,n\n1,10\n2,20\n');
  write('note', 'one');
  await server.run('data', 'add', 'lines', source);
  assert.match(await server.run('data', 'status', source), /is as in lines:1: 2 files/);
  await server.run('data', 'tag', 'lines:1', 'gold');
  await server.run('data', 'branch', 'lines:gold', 'fix');
  write('rows.csv', 'id,n\n1,10\n2,25\n3,30\n');
  assert.match(await server.run('data', 'status', source), /differs from lines:1 in 1 file:\n {2}changed {2}rows\.csv/);
  await server.run('data', 'add', 'lines', source, '--branch', 'fix');
  assert.equal((await server.json('data', 'show', 'lines')).version, 1);
  const diff = await server.json('data', 'diff', 'lines:gold', 'fix', '--key', 'id');
  assert.deepEqual([diff.to, diff.tables[0].added, diff.tables[0].removed, diff.tables[0].changed], [2, 1, 0, 1]);
  assert.match(await server.run('data', 'merge', 'lines', 'fix'), /^lines:3: fix merged into main \(both come from version 1\)/);
  write('note', 'theirs');
  await server.run('data', 'add', 'lines', source, '--branch', 'fix');
  write('note', 'ours');
  await server.run('data', 'add', 'lines', source);
  assert.match(await server.refuse(1, 'data', 'merge', 'lines', 'fix'), /both sides changed note;/);
  await server.run('data', 'merge', 'lines', 'fix', '--prefer', 'theirs');
  assert.equal(await server.run('data', 'cat', 'lines', 'note'), 'theirs');
  assert.match(await server.refuse(1, 'data', 'tag', 'lines:2', 'gold'), /names version 1 already/);
  const { held } = await server.json('data', 'gc', 'lines', '--keep', '1', '--dry-run');
  assert.match(JSON.stringify(held), /"kind":"tag","id":"gold"/);
});

test('over HTTP the same files make the same version; damage is named, not served, and mended by adding again', async () => {
  const source = join(server.folder, 'packed');
  mkdirSync(source);
  for (let index = 0; index < 60; index += 1) writeFileSync(join(source, `${index}.txt`), `file ${index} ${'x'.repeat(index)}`);
  writeFileSync(join(source, 'large'), Buffer.alloc(5_000_000, 'pawl data '));
  await server.run('data', 'add', 'packed', source, '--via', 'http');
  assert.equal((await server.json('data', 'add', 'packed', source, '--via', 'disk')).created, false);
  const target = join(server.folder, 'unpacked');
  await server.run('data', 'checkout', 'packed', target, '--via', 'http');
  assert.deepEqual(readTree(target), readTree(source));
  const packs = join(server.home, 'blobs/packs');
  const pack = readdirSync(packs)
    .filter((name) => name.endsWith('.pack'))
    .map((name) => join(packs, name))
    .find((path) => readFileSync(path, 'latin1').includes('file 33 '));
  assert.ok(pack !== undefined);
  const bytes = readFileSync(pack);
  bytes.write('FILE 33 ', bytes.indexOf('file 33 '), 'latin1');
  chmodSync(pack, 0o644);
  writeFileSync(pack, bytes);
  const env = { PAWL_SERVER: server.url, PAWL_CACHE: join(server.folder, 'other-cache') };
  const { code, stdout } = await pawl(['data', 'verify', 'packed'], { env });
  assert.equal(code, 1);
  assert.match(stdout, /^1 file of packed:1 damaged[^]*^33\.txt .*It was not served/m);
  for (const via of ['http', 'disk'])
    assert.match(await server.refuse(1, 'data', 'checkout', 'packed', join(server.folder, `bad-${via}`), '--via', via), /is damaged/);
  assert.equal((await pawl(['data', 'add', 'packed', source], { env })).code, 0);
  assert.match(await server.run('data', 'verify', 'packed'), /is intact: 61 files/);
});

test('a reader that has gone is no failure', () => {
  const bin = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');
  const shell = `"${process.execPath}" "${bin}" data files mixed --server ${server.url} | true; echo "\${PIPESTATUS[0]}"`;
  assert.equal(execFileSync('bash', ['-c', shell], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }), '0\n');
});
