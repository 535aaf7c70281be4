import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { createFsBlobs, lockHome } from '@pawl/drivers';

const putter = `
  import { createFsBlobs } from '@pawl/drivers';
  const blobs = createFsBlobs({ root: process.argv[1] });
  const small = await blobs.put(Buffer.from('small'));
  const failed = await blobs.put(Buffer.alloc(3_000_000, 7)).then(() => 'stored', (error) => error.code + ': ' + error.message);
  console.log(JSON.stringify({ failed, still: Buffer.from(await blobs.read(small.digest)).toString() }));
`;
const holder = `
  import { lockHome } from '@pawl/drivers';
  lockHome(process.argv[1]);
  console.log('held');
  setInterval(() => globalThis.gc(), 20);
`;
const repository = join(import.meta.dirname, '..', '..');

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-disk-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function assertNothingHalfWritten(root: string): Promise<void> {
  assert.deepEqual(await readdir(join(root, 'incoming')), []);
  assert.equal((await readdir(join(root, 'sha256'))).length, 1);
}

test('a file that may not grow is not_writable and leaves nothing half written', () =>
  withFolder(async (root) => {
    const shell = `ulimit -f 1000; exec "$0" --input-type=module -e "$1" "$2"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', shell, process.execPath, putter, root], { cwd: repository, encoding: 'utf8' });
    const said = JSON.parse(stdout || JSON.stringify({ stderr })) as { failed: string; still: string };
    assert.match(said.failed, /^not_writable: .*larger than this disk or account allows/);
    assert.equal(said.still, 'small');
    await assertNothingHalfWritten(root);
  }));

test('a full disk is not_writable and leaves nothing half written', (context) =>
  withFolder(async (root) => {
    const shell = `mount -t tmpfs -o size=1m none "$2" || exit 77; "$0" --input-type=module -e "$1" "$2" && find "$2" -type f`;
    const { status, stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', shell, process.execPath, putter, root], {
      cwd: repository,
      encoding: 'utf8',
    });
    if (status === null || status === 77 || /unshare failed/.test(stderr)) {
      context.skip('this machine lets nobody mount a small disk');
      return;
    }
    const [line = '', ...files] = stdout.trim().split('\n');
    const said = JSON.parse(line) as { failed: string; still: string };
    assert.match(said.failed, /^not_writable: .*the disk is full/);
    assert.equal(said.still, 'small');
    assert.equal(files.length, 1, `only the small content is left: ${files.join(' ')}`);
  }));

test('a store whose root cannot be made says so', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '');
    const blobs = createFsBlobs({ root: join(folder, 'file', 'blobs') });
    await assert.rejects(blobs.put(Buffer.from('x')), (error) => isFault(error, 'not_writable') && /not a folder/.test(error.message));
    await rm(join(folder, 'file'));
    assert.equal((await blobs.put(Buffer.from('x'))).size, 1);
  }));

test('a home has one holder, in this process and in others, and a killed one leaves no trace', () =>
  withFolder(async (folder) => {
    const home = join(folder, 'home');
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', holder, home], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.throws(
      () => lockHome(home),
      (error) => isFault(error, 'home_in_use') && error.message.includes(home),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = lockHome(home);
    assert.throws(
      () => lockHome(home),
      (error) => isFault(error, 'home_in_use'),
    );
    lock.release();
    lock.release();
    lockHome(home).release();
  }));

test('a home keeps its name, and no other home has it', () =>
  withFolder(async (folder) => {
    const idOf = (home: string): string => {
      const lock = lockHome(join(folder, home));
      lock.release();
      return lock.id;
    };
    const id = idOf('a');
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(idOf('a'), id);
    assert.notEqual(idOf('b'), id);
  }));

test('a home that cannot be made or whose lock is no lock is not_writable', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '');
    assert.throws(
      () => lockHome(join(folder, 'file', 'home')),
      (error) => isFault(error, 'not_writable') && /not a folder/.test(error.message),
    );
    await mkdir(join(folder, 'home', 'lock'), { recursive: true });
    assert.throws(
      () => lockHome(join(folder, 'home')),
      (error) => isFault(error, 'not_writable') && /lock file/.test(error.message),
    );
  }));
