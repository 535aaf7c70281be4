/** Uploads that break off, and a disk that takes no more: nothing is half stored, and the server goes on. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Server } from '../cli/pawl.ts';
import { startServer } from '../cli/pawl.ts';

const LARGEST_KB = 24 * 1024;

let server: Server;
before(async () => {
  server = await startServer({ largestFileKb: LARGEST_KB });
});
after(() => server.stop());

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(server.url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A run's folder in the artifact proxy. */
async function createFolder(): Promise<string> {
  const { body } = await call('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
  const { info } = body['run'] as { info: { artifact_uri: string } };
  return `/api/2.0/mlflow-artifacts/artifacts/${info.artifact_uri.replace('mlflow-artifacts:/', '')}`;
}

/** Files of a folder; an empty list is left out of the answer. */
async function listed(folder: string): Promise<unknown> {
  const path = folder.replace('/api/2.0/mlflow-artifacts/artifacts/', '');
  const { status, body } = await call('GET', `/api/2.0/mlflow-artifacts/artifacts?path=${encodeURIComponent(path)}`);
  assert.equal(status, 200);
  return body['files'] ?? [];
}

/** Bytes under the home, whatever they are kept in. */
function bytesKept(folder: string = server.home): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Sends the head of an upload and half of its body, then hangs up. */
function breakOff(
  path: string,
  { announced, sent, chunked = false }: { announced: number; sent: number; chunked?: boolean },
): Promise<void> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${announced}`;
      socket.write(`PUT ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${length}\r\n\r\n`);
      const body = Buffer.alloc(sent, 7);
      socket.write(chunked ? Buffer.concat([Buffer.from(`${sent.toString(16)}\r\n`), body, Buffer.from('\r\n')]) : body, () => {
        setTimeout(() => socket.destroy(), 100);
      });
    });
    socket.on('error', reject).on('close', () => resolve());
  });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come to hold in ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const [title, chunked] of [
  ['of a known length', false],
  ['of an unknown length', true],
] as const) {
  test(`an upload ${title} that breaks off leaves nothing behind`, async () => {
    const folder = await createFolder();
    const before = bytesKept();
    await breakOff(`${folder}/half.bin`, { announced: 8 << 20, sent: 4 << 20, chunked });
    await until(() => bytesKept() < before + (1 << 20));
    assert.deepEqual(await listed(folder), []);
    assert.equal((await fetch(`${server.url}${folder}/half.bin`)).status, 404);
  });
}

test('an upload that replaces a file and breaks off leaves the file as it was', async () => {
  const folder = await createFolder();
  assert.equal((await fetch(`${server.url}${folder}/kept.txt`, { method: 'PUT', body: 'as it was' })).status, 200);
  await breakOff(`${folder}/kept.txt`, { announced: 1 << 20, sent: 1000 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await (await fetch(`${server.url}${folder}/kept.txt`)).text(), 'as it was');
});

test('a disk that takes no more is said in one line, nothing is half stored, and what fits goes on', async () => {
  const folder = await createFolder();
  const before = bytesKept();
  const response = await fetch(`${server.url}${folder}/large.bin`, { method: 'PUT', body: new Uint8Array((LARGEST_KB + 4096) * 1024) });
  const answer = (await response.json()) as { error_code: string; message: string };
  assert.equal(response.status, 507, JSON.stringify(answer));
  assert.match(answer.message, /larger than this disk/);
  assert.ok(!answer.message.includes(server.home) && !answer.message.includes('\n'), answer.message);
  await until(() => bytesKept() < before + (1 << 20));
  assert.deepEqual(await listed(folder), []);
  assert.equal((await fetch(`${server.url}${folder}/small.bin`, { method: 'PUT', body: 'fits' })).status, 200);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
});
