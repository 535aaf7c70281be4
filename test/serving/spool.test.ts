import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { join } from 'node:path';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Log, PredictionRecord } from '@pawl/core';
import { createSpool, dropSpool, readSpool } from '@pawl/serving';
import { servedRow } from '../support/prediction.ts';
import { silent, toRequest } from './stand.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pawl-spool-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const recordOf = (id: string): PredictionRecord => servedRow(id, { inputs: { text: 'naïve\n"ü"' } });

/** Lets what is queued as a microtask before this one run. */
const microtask = (): Promise<void> => new Promise(queueMicrotask);

/** Reads a spool to its end, `step` records at a time. */
async function readAll(folder: string, step = 7, from?: string): Promise<{ readonly ids: readonly string[]; readonly position: string }> {
  const ids: string[] = [];
  let position = from;
  for (;;) {
    const read = await readSpool(folder, position, step);
    ids.push(...read.records.map((record) => record.id));
    position = read.position;
    if (read.records.length === 0) return { ids, position };
  }
}

test('records come back in order over many segments, whatever the step, and are dropped once consumed', async () => {
  const folder = join(scratch, 'order');
  const spool = createSpool({ folder, segmentBytes: 2000, logger: silent });
  const expected: string[] = [];
  for (let index = 0; index < 100; index++) {
    spool.append([recordOf(`p${index}`)]);
    expected.push(`p${index}`);
    await microtask();
  }
  assert.ok(readdirSync(folder).length > 5);
  for (const step of [1, 3, 1000]) assert.deepEqual((await readAll(folder, step)).ids, expected);
  const { position } = await readAll(folder);
  await dropSpool(folder, position);
  assert.equal(readdirSync(folder).length, 1);
  spool.append([recordOf('later')]);
  await spool.close();
  assert.deepEqual((await readAll(folder, 10, position)).ids, ['later']);
  const first = await readSpool(folder, undefined, 1);
  assert.deepEqual(await readSpool(folder, first.position, 0), { records: [], position: first.position, damaged: 0 });
});

test('what was appended is on disk one microtask later', async () => {
  const folder = join(scratch, 'microtask');
  const spool = createSpool({ folder, segmentBytes: 1e6, logger: silent });
  spool.append([recordOf('a'), recordOf('b')]);
  assert.equal(readFileSync(join(folder, '000000000001.jsonl'), 'utf8'), '', 'one write for all that one moment brings');
  await microtask();
  assert.equal(readFileSync(join(folder, '000000000001.jsonl'), 'utf8').split('\n').length, 3);
  assert.deepEqual((await readAll(folder)).ids, ['a', 'b']);
  await spool.close();
});

test('a torn line waits while its segment is the newest, and is skipped when a new process has begun another', async () => {
  const folder = join(scratch, 'torn');
  const first = createSpool({ folder, segmentBytes: 1e6, logger: silent });
  first.append([recordOf('a')]);
  await first.close();
  const [segment = ''] = readdirSync(folder);
  appendFileSync(join(folder, segment), '{"id":"torn","row":');
  const before = await readAll(folder);
  assert.deepEqual(before.ids, ['a']);
  const second = createSpool({ folder, segmentBytes: 1e6, logger: silent });
  second.append([recordOf('b')]);
  await second.close();
  assert.deepEqual((await readAll(folder, 10, before.position)).ids, ['b']);
  appendFileSync(join(folder, readdirSync(folder).at(-1) ?? ''), 'no record\n');
  assert.equal((await readSpool(folder, before.position, 10)).damaged, 1);
});

test('a damaged line in the middle of a segment loses no other, wherever a read ends', async () => {
  const folder = join(scratch, 'damaged');
  const spool = createSpool({ folder, segmentBytes: 1500, logger: silent });
  const expected: string[] = [];
  for (let index = 0; index < 20; index++) {
    spool.append([recordOf(`p${index}`)]);
    expected.push(`p${index}`);
    await microtask();
    if (index % 5 === 1) appendFileSync(join(folder, readdirSync(folder).at(-1) ?? ''), 'no record\n');
  }
  await spool.close();
  for (const step of [2, 3, 4, 1000]) assert.deepEqual((await readAll(folder, step)).ids, expected, `${step} lines at a time`);
});

test('a folder that was emptied is read from its start', async () => {
  const folder = join(scratch, 'emptied');
  const spool = createSpool({ folder, segmentBytes: 1e6, logger: silent });
  spool.append([recordOf('a')]);
  await spool.close();
  assert.deepEqual((await readAll(folder, 10, '7:123')).ids, ['a']);
  assert.deepEqual(await readSpool(join(scratch, 'nothing'), undefined, 10), { records: [], position: '0:0', damaged: 0 });
});

test('a disk that takes nothing fails no caller: what is lost is counted and said once', async () => {
  const errors: object[] = [];
  const logger: Log = { ...silent, error: (fields) => void errors.push(fields) };
  const folder = join(scratch, 'full');
  const spool = createSpool({ folder, segmentBytes: 1, logger });
  spool.append([recordOf('a')]);
  await microtask();
  // The next segment cannot be opened: its folder is gone.
  rmSync(folder, { recursive: true });
  for (const id of ['b', 'c', 'd']) {
    spool.append([recordOf(id), recordOf(`${id}2`)]);
    await microtask();
  }
  assert.equal(spool.dropped(), 6);
  assert.equal(errors.length, 1);
});

test('a server killed in the middle of its work has every prediction on record that it answered', async () => {
  const folder = join(scratch, 'killed');
  const headers = { 'content-type': 'application/json' };
  let answered = 0;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'spool-child.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: scratch },
    });
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ids: string[] = [];
    const client = async (): Promise<void> => {
      for (;;) {
        const body = JSON.stringify(toRequest({ a: [1] }));
        const response = await fetch(`${url}/v2/models/spam/infer`, { method: 'POST', headers, body }).catch(() => undefined);
        // The head alone is an answer: it carries the id.
        const id = response?.headers.get('x-pawl-prediction-id');
        if (response?.status !== 200 || id === null || id === undefined) return;
        ids.push(id);
        if (ids.length === 300 + 50 * round) child.kill('SIGKILL');
        await response.text().catch(() => '');
      }
    };
    await Promise.all([client(), client(), client(), client()]);
    // Clients that ended too early leave it alive; the count below says so.
    child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
    answered += ids.length;
    const recorded = new Set((await readAll(folder, 100)).ids);
    assert.deepEqual(
      ids.filter((id) => !recorded.has(id)),
      [],
    );
  }
  assert.ok(answered >= 900);
});
