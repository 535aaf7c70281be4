import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { START, startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;
let url: string;

before(async () => {
  stand = await startStand();
  url = await stand.listen();
});
after(() => stand.close());

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data: Body;
}

/** Reads messages until `enough` says so, then leaves as a client does: by closing the connection. */
async function read(
  path: string,
  enough: (seen: readonly Message[]) => boolean,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Message[]> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/api/v1${path}`, { headers, signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(20_000)]) });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const seen: Message[] = [];
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += Buffer.from(chunk).toString();
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = block
        .split('\n')
        .flatMap((line) => (line.startsWith(':') ? [] : [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]]));
      if (fields.length === 0) continue;
      const { data, ...more } = Object.fromEntries(fields) as Record<string, string>;
      seen.push({ ...more, data: JSON.parse(data ?? 'null') as Body });
    }
    if (enough(seen)) break;
  }
  leaving.abort();
  return seen;
}

const newRun = (): Promise<Body> => stand.call('POST', '/runs', { experiment: 'streamed' });

test('a stream gives what was, then what happens, and goes on where a client left', async () => {
  const before = await newRun();
  const reading = read('/events/stream?after=0&types=run.created', (seen) => seen.length >= 2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const later = await newRun();
  const seen = await reading;
  assert.deepEqual(
    seen.map((one) => one.data.data.run),
    [before.id, later.id],
  );
  assert.deepEqual(
    seen.map((one) => one.id),
    seen.map((one) => String(one.data.seq)),
  );
  const resumed = await read('/events/stream?after=0&types=run.created', (all) => all.length >= 1, { 'last-event-id': seen[0]?.id ?? '' });
  assert.equal(resumed[0]?.data.data.run, later.id);
});

test('without a place to start from, only new events come, and only those asked for', async () => {
  const fresh = read('/events/stream?types=run.ended', (seen) => seen.length >= 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const run = await newRun();
  await stand.call('POST', `/runs/${run.id}/end`, {});
  assert.deepEqual(
    (await fresh).map((one) => [one.data.type, one.data.subject]),
    [['run.ended', `run/${run.id}`]],
  );
});

test('more events than one look takes come in order, each once', async () => {
  const from = (await stand.services.events.latest({}))?.seq ?? 0;
  await stand.database.transaction((tx) =>
    tx.events.append(
      Array.from({ length: 450 }, (_, index) => ({
        id: stand.ports.ids.next(),
        type: 'task.changed' as const,
        subject: `task/${index}`,
        time: START,
        actor: 'system:test',
        data: { index },
      })),
    ),
  );
  const seen = await read(`/events/stream?after=${from}`, (all) => all.length >= 450);
  assert.deepEqual(
    seen.map((one) => one.data.data.index),
    Array.from({ length: 450 }, (_, index) => index),
  );
});

test("a task's lines are streamed until it ends", async () => {
  await stand.call('POST', '/apply', {
    project: { name: 'test', root: '/srv/project', parts: { pipelines: [{ name: 'p', steps: { only: { run: 'true' } } }] } },
  });
  const { run } = await stand.call('POST', '/pipelines/p/runs', {});
  const { tasks } = await stand.call('GET', `/pipeline-runs/${run.id}`);
  const line = (seq: number) => ({
    task: tasks[0].id as string,
    attempt: 1,
    seq,
    time: START,
    stream: 'stderr' as const,
    text: `line ${seq}`,
  });
  await stand.database.transaction((tx) => tx.tasks.appendLogs([line(1), line(2)]));
  const path = `/pipeline-runs/${run.id}/tasks/only/logs/stream`;
  const reading = read(path, (seen) => seen.some((one) => one.event === 'end'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await stand.database.transaction((tx) => tx.tasks.appendLogs([line(3)]));
  await stand.call('POST', `/pipeline-runs/${run.id}/cancel`);
  const seen = await reading;
  assert.deepEqual(
    seen.map((one) => one.data.text ?? one.data.state),
    ['line 1', 'line 2', 'line 3', 'canceled'],
  );
  const resumed = await read(`${path}?after=2`, (all) => all.some((one) => one.event === 'end'));
  assert.deepEqual(
    resumed.map((one) => one.id),
    ['3', undefined],
  );
  await stand.refuse(404, 'pipeline_run_not_found', 'GET', `/pipeline-runs/${'0'.repeat(32)}/tasks/only/logs/stream`);
  await stand.refuse(400, 'invalid_input', 'GET', '/events/stream?after=-1');
});

test('a server that closes ends its streams', async () => {
  const other = await startStand();
  const address = await other.listen();
  const response = await fetch(`${address}/api/v1/events/stream`);
  const ended = response.text();
  const begun = Date.now();
  await other.close();
  assert.match(await ended, /^:\n\n/);
  assert.ok(Date.now() - begun < 5000);
});

test('damaged content breaks off instead of ending as if it were whole', async () => {
  const { entries } = await stand.store({ a: 'undamaged' });
  const { digest } = entries[0] as { digest: string };
  const hex = digest.slice('sha256:'.length);
  const file = join(stand.home, 'blobs', 'sha256', hex.slice(0, 2), hex.slice(2));
  rmSync(file);
  writeFileSync(file, 'damaged!!');
  const whole = fetch(`${url}/api/v1/blobs/${digest}`).then((response) => {
    assert.equal(response.status, 200);
    return response.arrayBuffer();
  });
  await assert.rejects(whole, /terminated|fetch failed/);
});

test('a large file goes up and comes down over a socket as it is', async () => {
  const bytes = Buffer.alloc(3_000_000, 'pawl');
  const { entries } = await stand.store({ big: bytes });
  const { digest } = entries[0] as { digest: string };
  const response = await fetch(`${url}/api/v1/blobs/${digest}`);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
  const put = await fetch(`${url}/api/v1/blobs/sha256:${'0'.repeat(64)}`, { method: 'PUT', body: bytes });
  assert.equal(put.status, 400);
  assert.equal(((await put.json()) as Body).error.code, 'digest_mismatch');
});
