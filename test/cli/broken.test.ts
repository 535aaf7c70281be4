import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeFrame } from '@pawl/core';
import { pawl, start, startServer } from './pawl.ts';
import type { Server } from './pawl.ts';

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const portOf = (listener: { address(): unknown }): number => (listener.address() as AddressInfo).port;

/** A line to the server that lets through only so many bytes of what a client sends, and then holds on. `onHeld` hears of it. */
async function startNarrowLine(limit: number, onHeld: () => void): Promise<NetServer> {
  const { port } = new URL(server.url);
  let left = limit;
  const line = createServer((client) => {
    const upstream = connect(Number(port), '127.0.0.1');
    client.on('data', (bytes) => {
      if (left > 0) upstream.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) onHeld();
    });
    upstream.on('data', (bytes) => client.write(bytes));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('close', () => other.destroy()).on('error', () => other.destroy());
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  return line;
}

/** Names of everything that the server has stored as content. */
function storedContent(): readonly string[] {
  const blobs = join(server.home, 'blobs');
  return existsSync(blobs)
    ? readdirSync(blobs, { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map((one) => one.name)
    : [];
}

async function until(met: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!met()) {
    if (Date.now() > end) throw new Error('it did not come to pass within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test(`an upload ended by ${signal} leaves nothing, and is done again from the start`, async () => {
    const folder = join(server.folder, `big-${signal}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'big'), randomBytes(4_000_000));
    let held = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (held = resolve));
    const line = await startNarrowLine(1_000_000, () => held());
    const before = storedContent();
    const command = start([
      'data',
      'add',
      `cut-${signal.toLowerCase()}`,
      folder,
      '--via',
      'http',
      '--server',
      `http://127.0.0.1:${portOf(line)}`,
    ]);
    await stuck;
    command.child.kill(signal);
    const { code, stderr, stdout } = await command.ended;
    if (signal === 'SIGINT') assert.deepEqual([code, stdout, stderr], [130, '', 'Interrupted.\n']);
    line.close();
    await until(() => storedContent().length === before.length);
    assert.deepEqual(storedContent(), before);
    assert.match(await server.refuse(1, 'data', 'show', `cut-${signal.toLowerCase()}`), /There is no dataset/);
    assert.match(await server.run('data', 'add', `cut-${signal.toLowerCase()}`, folder), /:1: 1 file, 4\.0 MB; sent 1 file/);
  });
}

/** A server that answers as told: what it says of a dataset is not to be trusted. */
async function withForger(entry: object, content: string | undefined, act: (url: string) => Promise<void>): Promise<void> {
  const manifest = JSON.stringify({ entries: [entry] });
  const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  const version = { dataset: 'd', version: 1, ref: 'd:1', branch: 'main', manifest: digest, files: 1, bytes: 4, tables: [], message: '' };
  const forger = createHttpServer((request, response) => {
    if (request.url?.endsWith('/store') === true) response.end(JSON.stringify({ local: null }));
    else if (request.url?.endsWith(digest) === true) response.end(manifest);
    else if (request.url?.includes('/blobs/') !== true) response.end(JSON.stringify(version));
    else if (content === undefined) response.writeHead(200).write('ha');
    else response.end(encodeFrame({ digest: HALF.digest, bytes: Buffer.from(content) }));
  });
  await new Promise<void>((resolve) => forger.listen(0, '127.0.0.1', resolve));
  try {
    await act(`http://127.0.0.1:${portOf(forger)}`);
  } finally {
    forger.closeAllConnections();
    forger.close();
  }
}

const HALF = { digest: `sha256:${'a'.repeat(64)}`, size: 4, mode: 0o644 } as const;

test('a path that leads out of the folder is refused, whoever says it', async () => {
  for (const path of ['../evil', '/evil', 'a/../../evil', 'a//b', 'C:evil', 'a\\b', './a', '']) {
    const target = join(server.folder, 'safe/inner');
    await withForger({ path, ...HALF }, 'evil', async (url) => {
      const { code, stderr } = await pawl(['data', 'checkout', 'd', target, '--server', url]);
      assert.equal(code, 1, path);
      assert.match(stderr, /^Error: The path .* leaves its folder or is not portable[^\n]+\n$/);
    });
    assert.equal(existsSync(join(server.folder, 'safe')), false);
  }
});

test('bytes that are not what was asked for never become a file', async () => {
  const target = join(server.folder, 'forged');
  await withForger({ path: 'deep/file', ...HALF }, 'evil', async (url) => {
    const { code, stderr } = await pawl(['data', 'checkout', 'd', target, '--server', url]);
    assert.equal(code, 1);
    assert.match(stderr, /^Error: Stored content sha256:a+ is damaged: its bytes hash to sha256:[0-9a-f]+\.[^\n]*\n$/);
  });
  assert.equal(existsSync(target), false);
});

test('an interrupted checkout leaves no half of a file', async () => {
  const target = join(server.folder, 'half');
  await withForger({ path: 'file', ...HALF }, undefined, async (url) => {
    const command = start(['data', 'checkout', 'd', target, '--server', url]);
    await until(() => readdirSync(server.folder).some((name) => name.startsWith('.half.pawl-')));
    await new Promise((resolve) => setTimeout(resolve, 300));
    command.child.kill('SIGINT');
    const { code, stderr } = await command.ended;
    assert.deepEqual([code, stderr], [130, 'Interrupted.\n']);
  });
  assert.equal(existsSync(target), false);
});
