// OpenTelemetry's own exporter, with gzip and protobuf; and a server that is killed while it sends.
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

const TRACES = 40;
const bin = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');

interface Sent {
  readonly trace: string;
  readonly root: string;
  readonly start: string;
  readonly end: string;
  readonly taken: boolean;
}

test('what the exporter was told is taken is kept whole, also when the server is killed meanwhile', async () => {
  const python = await ensurePython('otel');
  const folder = mkdtempSync(join(tmpdir(), 'pawl-otel-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let server = await start(folder, port);
  try {
    const script = spawn(python, [join(import.meta.dirname, 'export.py'), url, '0', String(TRACES)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    script.stderr.setEncoding('utf8').on('data', (piece: string) => (said = (said + piece).slice(-4000)));
    const ended = new Promise<number | null>((resolve) => script.once('close', resolve));
    const sent: Sent[] = [];
    for await (const line of createInterface({ input: script.stdout })) {
      sent.push(JSON.parse(line) as Sent);
      if (sent.length !== 15) continue;
      await wait(3);
      await end(server, 'SIGKILL');
      server = await start(folder, port);
    }
    assert.equal(await ended, 0, said);
    assert.equal(sent.length, TRACES);
    const taken = sent.filter((one) => one.taken);
    assert.ok(taken.length >= TRACES - 1, `${taken.length} were taken: ${said}`);
    for (const one of taken) await check(url, one);
  } finally {
    await end(server, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

async function check(url: string, { trace: id, root: rootId, start: startedAt, end: endedAt }: Sent): Promise<void> {
  const response = await fetch(`${url}/api/v1/traces/tr-${id}`);
  // oxlint-disable-next-line typescript/no-explicit-any -- what is asserted on decides what is there
  const { trace, spans } = (await response.json()) as any;
  assert.equal(response.status, 200, id);
  assert.deepEqual(
    [trace.name, trace.state, trace.spans, trace.tags['service.name'], trace.tags['host.cores']],
    ['request', 'ok', 3, 'shop', '2'],
  );
  assert.deepEqual(trace.metadata, {
    'mlflow.trace.session': 's-1',
    'mlflow.trace.tokenUsage': '{"input_tokens":7,"output_tokens":3,"total_tokens":10}',
  });
  const [root, chat, fails] = spans;
  assert.deepEqual([root.id, root.parent, root.started_at_ns, root.ended_at_ns], [rootId, null, startedAt, endedAt]);
  const { n, ...rest } = root.attributes;
  assert.deepEqual(rest, { ratio: 1, yes: true, tags: ['a', 'b'], big: '4611686018427387904', 'session.id': 's-1', odd: 'é🧪' });
  assert.equal(root.links.length, n === 0 ? 0 : 1);
  assert.deepEqual(
    [chat.name, chat.parent, chat.attributes['mlflow.spanType'], chat.attributes['mlflow.llm.model']],
    ['chat', rootId, 'CHAT_MODEL', 'gpt-4'],
  );
  assert.deepEqual([fails.name, fails.status, fails.events[0].attributes['exception.message']], ['fails', 'error', 'boom']);
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

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
