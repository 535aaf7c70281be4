import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data: Body;
}

let stand: Stand;
let url: string;

before(async () => {
  stand = await startStand();
  url = await stand.listen();
});
after(() => stand.close());

/** Reads messages until one is enough; then the client leaves. */
async function tail(
  run: string,
  enough: (message: Message) => boolean,
  resume?: string,
  onMessage: (message: Message) => Promise<void> = async () => undefined,
): Promise<readonly Message[]> {
  const leaving = new AbortController();
  const headers: Record<string, string> = resume === undefined ? {} : { 'last-event-id': resume };
  const response = await fetch(`${url}/api/v1/runs/${run}/stream`, {
    headers,
    signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(20_000)]),
  });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const seen: Message[] = [];
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += Buffer.from(chunk).toString();
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n').filter((line) => !line.startsWith(':') && line !== '');
      if (lines.length === 0) continue;
      const fields = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
      const message = { ...fields, data: JSON.parse(fields['data'] ?? 'null') as Body } as Message;
      seen.push(message);
      await onMessage(message);
      if (enough(message)) break;
    }
    const last = seen.at(-1);
    if (last !== undefined && enough(last)) break;
  }
  leaving.abort();
  return seen;
}

const log = (run: string, from: number, to: number, key = 'loss'): Promise<unknown> =>
  stand.call('POST', `/runs/${run}/records`, {
    metrics: Array.from({ length: to - from }, (_, at) => ({ key, value: from + at === 3 ? 'NaN' : from + at, step: from + at })),
  });
const stepsOf = (messages: readonly Message[], key = 'loss'): readonly number[] =>
  messages.flatMap(({ event, data }) =>
    event === 'metrics' ? data.points.filter((point: Body) => point.key === key).map(({ step }: Body) => step) : [],
  );

test('a run is told as it goes, to its end', async () => {
  const { id } = await stand.call('POST', '/runs', { experiment: 'tail', params: { lr: '0.1' } });
  await log(id, 0, 2);
  let turn = 0;
  const seen = await tail(
    id,
    ({ event }) => event === 'end',
    undefined,
    async ({ event }) => {
      if (event === 'state') await log(id, 2, 5);
      if (event === 'metrics' && turn++ === 0) {
        await stand.call('POST', `/runs/${id}/records`, { params: { depth: '3' }, tags: { note: 'x' } });
        await log(id, 5, 7, 'loss');
        await log(id, 0, 1, 'acc');
        await stand.call('POST', `/runs/${id}/end`, { status: 'failed' });
      }
    },
  );
  const [first] = seen;
  assert.equal(first?.event, 'state');
  assert.deepEqual([first.data.run.params, first.data.metrics[0].step], [{ lr: '0.1' }, 1]);
  assert.deepEqual(stepsOf(seen), [2, 3, 4, 5, 6]);
  assert.deepEqual(stepsOf(seen, 'acc'), [0]);
  assert.equal(seen.find(({ event }) => event === 'metrics')?.data.points[1].value, 'NaN');
  assert.deepEqual(seen.find(({ event }) => event === 'params')?.data, { params: { depth: '3', lr: '0.1' } });
  assert.equal(seen.find(({ event }) => event === 'tags')?.data.tags.note, 'x');
  assert.equal(seen.find(({ event }) => event === 'status')?.data.status, 'failed');
  assert.deepEqual(seen.at(-1)?.data, { status: 'failed', lifecycle: 'active' });
});

test('a client that comes back is told what it missed, once, however much that is', async () => {
  const { id } = await stand.call('POST', '/runs', { experiment: 'tail' });
  await log(id, 0, 3);
  const before = await tail(id, ({ event }) => event === 'state');
  const resume = before.at(-1)?.id;
  assert.ok(resume !== undefined);
  await log(id, 3, 1700);
  await log(id, 0, 600, 'other');
  await stand.call('POST', `/runs/${id}/end`, {});
  const rest = await tail(id, ({ event }) => event === 'end', resume);
  assert.equal(
    rest.some(({ event }) => event === 'state'),
    false,
  );
  assert.deepEqual(
    stepsOf(rest),
    Array.from({ length: 1697 }, (_, at) => at + 3),
  );
  assert.equal(stepsOf(rest, 'other').length, 600);
  const middle = rest.find((message) => message.id !== undefined)?.id;
  const again = await tail(id, ({ event }) => event === 'end', middle);
  assert.ok(stepsOf(again).length > 0 && stepsOf(again).length < 1697);
  assert.deepEqual([stepsOf(again)[0], stepsOf(again).at(-1)], [1699 - stepsOf(again).length + 1, 1699]);
});

test('many followers of one run see the same', async () => {
  const { id } = await stand.call('POST', '/runs', { experiment: 'tail' });
  let waiting = 0;
  const all = await Promise.all(
    Array.from({ length: 20 }, () =>
      tail(
        id,
        ({ event }) => event === 'end',
        undefined,
        async ({ event }) => {
          if (event !== 'state' || ++waiting < 20) return;
          await log(id, 0, 50);
          await stand.call('POST', `/runs/${id}/end`, {});
        },
      ),
    ),
  );
  for (const seen of all) assert.equal(stepsOf(seen).length, 50);
});

test('a run that is not there, and a position that is none, are refused before the stream', async () => {
  await stand.refuse(404, 'run_not_found', 'GET', `/runs/${'0'.repeat(32)}/stream`);
  const { id } = await stand.call('POST', '/runs', {});
  await stand.refuse(400, 'invalid_cursor', 'GET', `/runs/${id}/stream?after=nonsense`);
  await stand.refuse(400, 'invalid_cursor', 'GET', `/runs/${id}/stream`, undefined, { 'last-event-id': 'eA' });
  await stand.call('DELETE', `/runs/${id}`);
  assert.equal((await tail(id, ({ event }) => event === 'end')).at(-1)?.data.lifecycle, 'deleted');
});
