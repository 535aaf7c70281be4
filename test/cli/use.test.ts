import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pawl } from './pawl.ts';

/** An address where nobody listens: it was free a moment ago. */
async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

test('--version and help need no server', async () => {
  const version = await pawl(['--version']);
  assert.deepEqual([version.code, version.stderr], [0, '']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const help = await pawl(['help']);
  assert.equal(help.code, 0);
  for (const noun of [
    'server',
    'apply',
    'data',
    'check',
    'feature',
    'run',
    'model',
    'pipeline',
    'gate',
    'rollout',
    'monitor',
    'alert',
    'label',
    'events',
    'lineage',
  ]) {
    assert.match(help.stdout, new RegExp(`^  ${noun} `, 'm'));
  }
  const add = await pawl(['help', 'data', 'add']);
  assert.equal(add.code, 0);
  assert.match(add.stdout, /Usage: pawl data add \[options\] <name> \[path\]/);
  for (const option of ['--json', '--server <url>', '--message <text>']) assert.ok(add.stdout.includes(option), option);
});

test('a server that does not answer is exit code 3 and one line that names it', async () => {
  const address = await freeAddress();
  const folder = mkdtempSync(join(tmpdir(), 'pawl-use-'));
  writeFileSync(join(folder, 'a.txt'), 'a');
  for (const args of [
    ['data', 'list'],
    ['data', 'add', 'a', folder],
    ['check', 'run', 'a', 'b'],
    ['events', '--follow'],
    ['data', 'checkout', 'a', folder],
  ]) {
    const { code, stdout, stderr } = await pawl([...args, '--server', address]);
    assert.deepEqual([code, stdout], [3, ''], args.join(' '));
    assert.equal(
      stderr,
      `Error: No Pawl server answers at ${address} (connection refused); start one with "pawl server", or name it with --server.\n`,
    );
  }
  rmSync(folder, { recursive: true });
});

test('PAWL_SERVER names the server, and the flag wins over it', async () => {
  const [one, other] = [await freeAddress(), 'http://127.0.0.1:1'];
  assert.match((await pawl(['data', 'list'], { env: { PAWL_SERVER: one } })).stderr, new RegExp(one));
  assert.match((await pawl(['--server', one, 'data', 'list'], { env: { PAWL_SERVER: other } })).stderr, new RegExp(one));
});

test('wrong use is exit code 2, with nothing on standard output', async () => {
  const wrong = [
    [],
    ['nonsense'],
    ['data'],
    ['data', 'nonsense'],
    ['data', 'add', 'only-a-name'],
    ['data', 'list', '--nonsense'],
    ['data', 'list', '--limit', 'many'],
    ['data', 'show', 'mail:a b'],
    ['gate', 'decide', 'model'],
    ['rollout', 'promote', 'spam'],
    ['label', 'spam', '0'.repeat(32), 'maybe'],
    ['label', 'spam', '0'.repeat(32), 'true', '--time', 'soon'],
    ['model', 'stage', 'm', '1', 'Nowhere'],
    ['model', 'stage', 'm', 'Staging'],
    ['model', 'compare', 'm:1', '2', '3'],
    ['pipeline', 'run', 'train', '-p', 'novalue'],
    ['pipeline', 'run', 'train', '--dataset', 'mail=latest'],
    ['run', 'log', '--metric', 'a=1'],
    ['run', 'log', 'x', '--metric', 'a=b'],
    ['feature', 'join', 'view', '--entities', 'a:1'],
    ['server', '--port', 'high'],
    ['lineage', 'model:1:2'],
    ['data', 'list', '--server', 'localhost:5055'],
    ['data', 'list', '--server', 'http://'],
  ];
  for (const args of wrong) {
    const { code, stdout, stderr } = await pawl(args);
    assert.deepEqual([code, stdout], [2, ''], `${args.join(' ')}: ${stderr}`);
    assert.notEqual(stderr, '');
    assert.doesNotMatch(stderr, /\n    at /);
  }
});

test('a setting of the server is refused by its name', async () => {
  const { stderr } = await pawl(['server'], { env: { PAWL_SLOTS: 'many' } });
  assert.match(stderr, /^Error: PAWL_SLOTS: [^\n]+\n$/);
});
