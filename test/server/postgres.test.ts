import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshDatabase } from '../support/postgres.ts';
import { pawl } from '../cli/pawl.ts';
import { folderOf, serve, until } from './process.ts';

test('with --database-url the metadata is in PostgreSQL, and survives SIGTERM and kill -9', async (context) => {
  const folder = folderOf(context);
  const home = join(folder, 'home');
  const database = await freshDatabase();
  context.after(() => database.drop());
  mkdirSync(join(folder, 'project/checks'), { recursive: true });
  mkdirSync(join(folder, 'project/pipelines'), { recursive: true });
  writeFileSync(join(folder, 'rows.csv'), 'id,n\na,1\nb,2\n');
  writeFileSync(join(folder, 'project/pawl.yaml'), 'name: small');
  writeFileSync(
    join(folder, 'project/checks/sound.yaml'),
    JSON.stringify({
      name: 'sound',
      dataset: 'rows',
      expectations: [{ type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' } }],
    }),
  );
  writeFileSync(
    join(folder, 'project/pipelines/copy.yaml'),
    JSON.stringify({
      name: 'copy',
      steps: {
        copy: {
          run: 'cat "$PAWL_INPUT_ROWS" > "$PAWL_OUTPUT_COPY"',
          inputs: { rows: 'dataset:rows' },
          outputs: { copy: { file: 'copy.csv', dataset: 'copies' } },
        },
      },
    }),
  );

  const first = await serve(context, home, '--database-url', database.url);
  await first.json('data', 'add', 'rows', join(folder, 'rows.csv'));
  await first.json('apply', '-f', join(folder, 'project/pawl.yaml'));
  assert.equal((await first.json('check', 'run', 'sound', 'rows')).verdict, 'passed');
  assert.equal((await first.pawl('pipeline', 'run', 'copy', '--wait')).code, 0);
  const told = (await first.json('events')).items.map(({ type }: { type: string }) => type);
  for (const type of ['dataset.version_created', 'check.completed', 'pipeline.run_ended']) assert.ok(told.includes(type), type);
  assert.equal(existsSync(join(home, 'pawl.db')), false);
  assert.equal((await first.stop()).code, 0);

  const second = await serve(context, home, '--database-url', database.url);
  assert.equal((await second.json('data', 'log', 'copies')).items.length, 1);
  assert.ok((await second.json('events')).items.length >= told.length);
  // Killed at work, and another takes the work over.
  const { run } = await second.json('pipeline', 'run', 'copy');
  second.signal('SIGKILL');
  await second.ended;
  const third = await serve(context, home, '--database-url', database.url, '--lease-ms', '1000');
  const state = await until(async () => {
    const { run: now } = await third.json('pipeline', 'show', run.id);
    return now.state === 'running' ? undefined : (now.state as string);
  });
  assert.equal(state, 'succeeded');
  assert.equal((await third.stop()).code, 0);
});

test('a server that cannot listen lets go of its connections and ends at once', async (context) => {
  const folder = folderOf(context);
  const database = await freshDatabase();
  context.after(() => database.drop());
  const holder = await serve(context, join(folder, 'holder'));
  const began = performance.now();
  const { port } = new URL(holder.url);
  const { code } = await pawl(['server', '--home', join(folder, 'home'), '--port', port, '--database-url', database.url]);
  assert.equal(code, 1);
  // Idle connections of a pool live for ten seconds.
  assert.ok(performance.now() - began < 9000);
});
