import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { freshDatabase } from '../support/postgres.ts';
import { folderOf, serve, until } from './process.ts';

test('one role a process, on one database: each does its own part and no other', async (context) => {
  const folder = folderOf(context);
  const database = await freshDatabase();
  context.after(() => database.drop());
  const shared = ['--database-url', database.url, '--blobs', join(folder, 'blobs')];
  mkdirSync(join(folder, 'project/pipelines'), { recursive: true });
  writeFileSync(join(folder, 'project/pawl.yaml'), 'name: small');
  writeFileSync(
    join(folder, 'project/pipelines/say.yaml'),
    JSON.stringify({
      name: 'say',
      steps: { say: { run: 'echo hello > "$PAWL_OUTPUT_NOTE"', outputs: { note: { file: 'note.txt', dataset: 'notes' } } } },
    }),
  );
  const api = await serve(context, join(folder, 'api'), '--roles', 'api', ...shared);
  await api.json('apply', '-f', join(folder, 'project/pawl.yaml'));
  const { run } = await api.json('pipeline', 'run', 'say');
  assert.equal((await fetch(`${api.url}/v2/models`)).status, 404);
  await sleep(700);
  assert.equal((await api.json('pipeline', 'show', run.id)).tasks[0].state, 'ready');

  const worker = await serve(context, join(folder, 'worker'), '--roles', 'worker', ...shared);
  await until(async () => ((await api.json('pipeline', 'show', run.id)).run.state === 'succeeded' ? true : undefined));
  assert.equal((await api.json('data', 'log', 'notes')).items.length, 1);

  const serving = await serve(context, join(folder, 'serving'), '--roles', 'serving', ...shared);
  assert.deepEqual(await (await fetch(`${serving.url}/v2/models`)).json(), { models: [] });
  assert.equal((await fetch(`${serving.url}/api/v1/events`)).status, 404);
  for (const one of [serving, worker, api]) assert.equal((await one.stop()).code, 0);
});
