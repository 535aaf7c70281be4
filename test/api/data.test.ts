import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createTables } from '@pawl/drivers';
import { START, startStand } from './stand.ts';
import type { Stand } from './stand.ts';

const HOUR = 3_600_000;

let stand: Stand;

before(async () => {
  stand = await startStand();
  const project = {
    name: 'test',
    root: '/srv/project',
    parts: {
      checks: [
        {
          name: 'mails',
          dataset: 'mail',
          expectations: [
            { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' } },
            { type: 'expect_table_row_count_to_be_between', kwargs: { min_value: 1, max_value: 3 } },
          ],
        },
      ],
      features: [
        {
          name: 'activity',
          entity: 'domain',
          dataset: 'mail',
          id: 'id',
          streams: { mails: { time: 'received_at' }, spam: { time: 'confirmed_at', where: 'spam' } },
          features: {
            mails_7d: { aggregate: 'count', stream: 'mails', window: '7d' },
            spam_7d: { aggregate: 'count', stream: 'spam', window: '7d' },
          },
        },
      ],
    },
  };
  const { changes } = await stand.call('POST', '/apply', { project });
  assert.deepEqual(changes, [
    { noun: 'check', name: 'mails', change: 'created' },
    { noun: 'feature', name: 'activity', change: 'created' },
  ]);
});

after(() => stand.close());

const header = 'id,domain,received_at,spam,confirmed_at';
const csv = (...rows: readonly string[]): string => `${[header, ...rows].join('\n')}\n`;
const first = csv(`a,x.org,${START},true,${START + HOUR}`, `b,x.org,${START + 2 * HOUR},false,`, `c,y.org,${START + 3 * HOUR},false,`);

async function add(dataset: string, content: string, message = ''): Promise<ReturnType<Stand['call']>> {
  return stand.call('POST', `/datasets/${dataset}/versions`, { manifest: await stand.store({ 'mails.csv': content }), message });
}

test('a version is added once, listed, and gives its files back', async () => {
  const added = await add('mail', first, 'three mails');
  assert.equal(added.created, true);
  assert.equal(added.version.ref, 'mail:1');
  assert.equal(added.version.tables[0].rows, 3);
  const again = await add('mail', first);
  assert.equal(again.created, false);
  assert.deepEqual(again.version, added.version);
  assert.equal((await add('mail', csv(`d,x.org,${START},,`))).version.ref, 'mail:2');
  assert.deepEqual(
    (await stand.call('GET', '/datasets/mail/versions')).items.map((one: { version: number }) => one.version),
    [2, 1],
  );
  assert.equal((await stand.call('GET', '/datasets/mail/versions/latest')).version, 2);
  const { entries } = await stand.call('GET', '/datasets/mail/versions/1/manifest');
  const blob = await stand.server.inject({ url: `/api/v1/blobs/${entries[0].digest}` });
  assert.equal(blob.body, first);
  assert.deepEqual((await stand.call('POST', '/blobs/missing', { digests: [entries[0].digest] })).missing, []);
  assert.equal((await stand.call('GET', '/datasets')).items[0].name, 'mail');
});

test('pages follow each other and cover everything once', async () => {
  for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await add(name, csv(`${name},x.org,${START},,`));
  const seen: string[] = [];
  for (let next: string | undefined, page = 0; page === 0 || next !== undefined; page++) {
    const answer = await stand.call('GET', `/datasets?limit=2${next === undefined ? '' : `&after=${encodeURIComponent(next)}`}`);
    assert.ok(answer.items.length <= 2);
    seen.push(...answer.items.map((one: { name: string }) => one.name));
    next = answer.next;
  }
  assert.deepEqual(
    seen.filter((name) => name.startsWith('p')),
    ['p1', 'p2', 'p3', 'p4', 'p5'],
  );
  assert.equal(new Set(seen).size, seen.length);
});

test('a suite judges a version once, and the verdict is shown with it', async () => {
  await add('judged', first);
  const verdict = await stand.call('POST', '/checks/mails/runs', { dataset: 'judged:1' });
  assert.equal(verdict.verdict, 'passed');
  assert.equal(verdict.results.length, 2);
  assert.deepEqual(await stand.call('POST', '/checks/mails/runs', { dataset: 'judged' }), verdict);
  const checks = await stand.call('GET', '/datasets/judged/versions/1/checks?limit=1');
  assert.deepEqual(checks.items, [verdict]);
  assert.equal((await stand.call('GET', '/datasets/judged/versions/1')).status, 'accepted');
  assert.equal((await stand.call('GET', '/checks')).items[0].name, 'mails');
});

test('a view is listed, fed with rows and versions, and looked up at a moment', async () => {
  assert.deepEqual((await stand.call('GET', '/features')).items, [await stand.call('GET', '/features/activity')]);
  const rows = [
    { id: 'a', domain: 'x.org', received_at: START, spam: true, confirmed_at: START + HOUR },
    { id: 'b', domain: 'x.org', received_at: START + 2 * HOUR, spam: false, confirmed_at: null },
  ];
  assert.deepEqual(await stand.call('POST', '/features/activity/rows', { rows }), { added: 3 });
  assert.deepEqual(await stand.call('POST', '/features/activity/rows', { rows }), { added: 0 });
  await add('history', first);
  assert.deepEqual(await stand.call('POST', '/features/activity/materializations', { dataset: 'history:1' }), { added: 1 });
  const at = new Date(START + 2 * HOUR).toISOString();
  assert.deepEqual(await stand.call('POST', '/features/activity/lookups', { keys: ['x.org', 'nobody.org'], at }), {
    vectors: [
      { key: 'x.org', values: { mails_7d: 1, spam_7d: 1 } },
      { key: 'nobody.org', values: { mails_7d: 0, spam_7d: 0 } },
    ],
  });
  const offset = `${new Date(START + 4 * HOUR).toISOString().slice(0, -1)}+02:00`;
  const [east] = (await stand.call('POST', '/features/activity/lookups', { keys: ['x.org'], at: offset })).vectors;
  assert.deepEqual(east.values, { mails_7d: 1, spam_7d: 1 });
});

test('a join streams a Parquet file with the rows in a header, and leaves no scratch behind', async () => {
  await add('joined', first);
  const body = { entities: 'joined:1', history: 'joined:1', time_column: 'received_at' };
  const response = await stand.server.inject({ method: 'POST', url: '/api/v1/features/activity/joins', payload: body });
  assert.equal(response.statusCode, 200, response.body);
  assert.equal(response.headers['x-pawl-rows'], '3');
  assert.equal(response.headers['content-type'], 'application/octet-stream');
  const file = join(stand.home, 'joined.parquet');
  writeFileSync(file, response.rawPayload);
  const tables = createTables({ threads: 1 });
  const table = await tables.readColumns({ format: 'parquet', paths: [file], label: 'joined' }, ['id', 'mails_7d', 'spam_7d']);
  await tables.close();
  assert.deepEqual(table.columns, { id: ['a', 'b', 'c'], mails_7d: [0, 1, 0], spam_7d: [0, 1, 0] });
  const wrong = { ...body, time_column: 'nothing' };
  await stand.refuse(400, 'column_missing', 'POST', '/features/activity/joins', wrong);
  const scratch = join(stand.home, 'scratch', 'joins');
  assert.deepEqual(existsSync(scratch) ? readdirSync(scratch) : [], []);
});
