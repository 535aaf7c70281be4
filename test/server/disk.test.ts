import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pawl } from '../cli/pawl.ts';
import { folderOf } from './process.ts';

const ENTRY = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');

test('a disk that takes no more refuses data in one line, keeps nothing half-written, and the server goes on', async (context) => {
  const folder = folderOf(context);
  const home = join(folder, 'home');
  // No file of the server may grow past 2 MB (4096 blocks of 512 bytes): what a full disk or a used-up quota says comes at a place known beforehand.
  const child = spawn(
    'sh',
    ['-c', 'ulimit -f 4096; exec "$0" "$@"', process.execPath, ENTRY, 'server', '--home', home, '--port', '0', '--log-level', 'silent'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  context.after(() => child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => resolve(/at (\S+)\n/.exec(text)?.[1] ?? text));
    void ended.then((code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
  // A command on this machine would write to the store by itself, and has no such limit: what is sent is written by the server.
  const run = (...args: readonly string[]) => pawl(args, { env: { PAWL_SERVER: url } });
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data/small'), 'small');
  writeFileSync(join(folder, 'data/large'), randomBytes(3_000_000));
  const { code, stdout, stderr } = await run('data', 'add', 'd', join(folder, 'data'), '--via', 'http');
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^Error: [^\n]*larger than this disk or account allows[^\n]*\n$/);
  assert.deepEqual(JSON.parse((await run('data', 'list', '--json')).stdout), { items: [] });
  assert.deepEqual(readdirSync(join(home, 'blobs/incoming')), []);

  writeFileSync(join(folder, 'data/large'), 'no longer');
  assert.match((await run('data', 'add', 'd', join(folder, 'data'))).stdout, /^d:1: 2 files/m);
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
});
