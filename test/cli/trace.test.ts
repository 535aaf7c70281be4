import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from './pawl.ts';
import type { Server } from './pawl.ts';

let server: Server;

before(async () => {
  server = await startServer();
});
after(() => server.stop());

const TRACE = '5b8efff798038103d269b633813fc60c';

async function send(id: string, startedAt: number): Promise<void> {
  const at = (ms: number): string => String(BigInt(startedAt + ms) * 1_000_000n);
  const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
  const spans = [
    {
      traceId: id,
      spanId: '0000000000000001',
      name: 'answer',
      startTimeUnixNano: at(0),
      endTimeUnixNano: at(100),
      attributes: [text('input.value', 'why?')],
    },
    {
      traceId: id,
      spanId: '0000000000000002',
      parentSpanId: '0000000000000001',
      name: 'ask\u001b[31m',
      startTimeUnixNano: at(50),
      endTimeUnixNano: at(100),
      status: { code: 2, message: 'boom' },
      attributes: [text('gen_ai.operation.name', 'chat')],
    },
  ];
  const response = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-mlflow-experiment-id': '0' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
  assert.equal(await response.text(), '{}');
}

test('traces are listed, found, shown, tagged and deleted', async () => {
  assert.match(await server.run('trace', 'list'), /No program has sent a trace/);
  await send(TRACE, Date.parse('2026-03-01T10:00:00Z'));
  await send(TRACE.replace('5b', '5c'), Date.parse('2026-03-02T10:00:00Z'));
  assert.match(await server.run('trace', 'list'), /NAME +STATE .*\ntr-5c.* answer +ok +2026-03-02 10:00:00 +100 ms +2 +why\?\ntr-5b/);
  const found = await server.json('trace', 'search', "span.type = 'CHAT_MODEL' AND timestamp_ms < 1772400000000");
  assert.deepEqual(
    found.items.map((one: { id: string }) => one.id),
    [`tr-${TRACE}`],
  );
  const shown = await server.run('trace', 'show', `tr-${TRACE}`);
  assert.match(shown, /\nanswer {2,}100 ms {2}━{30}\n└─ ask \[31m \[CHAT_MODEL\] +50 ms {17}━{15} {2}boom\n$/);
  assert.equal(await server.run('trace', 'tag', `tr-${TRACE}`, '--set', 'a=1', '--set', 'b=2', '--remove', 'a'), 'b=2\n');
  assert.equal(
    await server.run('trace', 'delete', '--experiment', 'Default', '--until', '2026-03-01T12:00:00Z', '--dry-run'),
    'Would delete 1 trace\n',
  );
  assert.equal(await server.run('trace', 'delete', `tr-${TRACE}`), 'Deleted 1 trace\n');
  assert.equal((await server.json('trace', 'list')).items.length, 1);
});

test('what cannot be done is said in a line', async () => {
  assert.match(await server.refuse(1, 'trace', 'show', 'tr-none'), /'tr-none' not found/);
  assert.match(await server.refuse(1, 'trace', 'search', "colour = 'x'"), /colour.*character 1/);
  assert.match(await server.refuse(2, 'trace', 'delete'), /Name traces, or an experiment and a time/);
  assert.match(await server.refuse(2, 'trace', 'tag', 'tr-none'), /--set/);
});
