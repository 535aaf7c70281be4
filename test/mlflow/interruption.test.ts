// The server dies in the middle of a training: the client's retries finish it, and nothing is missing or doubled.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ensurePython } from '../../scripts/python.ts';
import { surroundings } from './stand.ts';

const STEPS = 90;
const bin = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');

test('a training goes on when its server is killed and started again', async () => {
  const python = await ensurePython('mlflow');
  const folder = mkdtempSync(join(tmpdir(), 'pawl-mlflow-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let server = await start(folder, port);
  try {
    const script = runPython(python, 'train.py', url, String(STEPS));
    let last = '';
    for await (const line of createInterface({ input: script.child.stdout })) {
      last = line;
      const signal = line === '20' || line === '40' ? 'SIGKILL' : line === '60' ? 'SIGTERM' : undefined;
      if (signal === undefined) continue;
      // A little later, so that it comes at any place of a request; the training runs into the hole meanwhile.
      await wait(Number(line) % 7);
      await end(server, signal);
      await wait(300);
      server = await start(folder, port);
    }
    assert.equal(await script.ended, 0, script.said());
    assert.match(last, /^[0-9a-f]{32}$/);
    const reader = runPython(python, 'check.py', url, last, String(STEPS));
    assert.equal(await reader.ended, 0, reader.said());
  } finally {
    await end(server, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

function runPython(python: string, name: string, ...args: readonly string[]) {
  const child = spawn(python, [join(import.meta.dirname, name), ...args], { env: surroundings(), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said = (said + piece).slice(-4000)));
  return { child, ended: new Promise<number | null>((resolve) => child.once('close', resolve)), said: () => said };
}

async function start(home: string, port: number): Promise<ChildProcess> {
  const args = [bin, 'server', '--port', String(port), '--home', home, '--log-level', 'error'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (piece: string) => piece.includes('Pawl is ready') && resolve());
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
  return child;
}

async function end(server: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
