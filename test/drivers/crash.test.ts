import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from '@pawl/core';
import { allPages, openPostgresForTest, openSqliteForTest } from '../../packages/drivers/conformance/harness.ts';
import type { Opened } from '../../packages/drivers/conformance/harness.ts';
import { freshDatabase } from '../support/postgres.ts';

const WRITERS = ['a', 'b'] as const;
const ROUNDS = 4;

/** Starts a writer, kills it in the middle of its work, and gives the last number whose commit was answered. */
async function writeUntilKilled(target: string, writer: string, start: number): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('writer.ts', import.meta.url)), target, writer, String(start)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  // The moment is random on purpose: any of them must be survived.
  const enough = 5 + Math.floor(Math.random() * 60);
  const delay = Math.random() * 5;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > enough) setTimeout(() => child.kill('SIGKILL'), delay);
  });
  const signal = await new Promise<string | null>((done) => child.once('close', (_code, by) => done(by)));
  assert.equal(signal, 'SIGKILL', 'the writer ended by itself');
  // The last line may be cut; what it would say was not heard, so it counts as not answered.
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}

/** Checks that what was answered is there, and that each transaction is there whole or not at all. Gives the number of each writer's last. */
async function check(database: Database, answered: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
  const datasets = await allPages((page) => database.read.datasets.list(page), 500);
  const events = await allPages((page) => database.read.events.list({}, page), 500);
  assert.deepEqual(events.map(({ id }) => id).toSorted(), datasets.map(({ name }) => name).toSorted());
  for (const { name } of datasets) {
    const { items } = await database.read.datasets.versions(name, { limit: 10 });
    assert.deepEqual(
      items.map(({ version }) => version),
      [2, 1],
      name,
    );
  }
  const lasts = new Map<string, number>();
  for (const writer of WRITERS) {
    const numbers = datasets.filter(({ name }) => name.startsWith(`${writer}-`)).map(({ createdAt }) => createdAt);
    const last = Math.max(...numbers);
    assert.equal(numbers.length, last + 1, `writer ${writer} has a gap`);
    assert.ok(last >= (answered.get(writer) ?? 0), `writer ${writer} was answered ${answered.get(writer)}, and ${last} is the last stored`);
    // One transaction was under way at most: more would mean that one was answered to nobody.
    assert.ok(last <= (answered.get(writer) ?? 0) + 2);
    assert.equal((await database.read.leases.get(writer))?.until, last);
    lasts.set(writer, last);
  }
  return lasts;
}

async function crash(open: () => Promise<Opened>): Promise<void> {
  const { database, another, target, close } = await open();
  try {
    let lasts: ReadonlyMap<string, number> = new Map();
    for (let round = 0; round < ROUNDS; round += 1) {
      const answered = await Promise.all(
        WRITERS.map(async (writer) => [writer, await writeUntilKilled(target, writer, (lasts.get(writer) ?? -1) + 1)] as const),
      );
      // PostgreSQL may still be at a commit whose sender is gone.
      await sleep(200);
      // The handle that was open all the time sees the same as one that opens after the crash.
      lasts = await check(await another(), new Map(answered));
      assert.deepEqual(await check(database, new Map(answered)), lasts);
    }
  } finally {
    await close();
  }
}

test('on SQLite every answered commit outlives SIGKILL, and no half transaction is left', () => crash(openSqliteForTest));

test('on PostgreSQL every answered commit outlives SIGKILL, and no half transaction is left', () =>
  crash(() => openPostgresForTest(freshDatabase)));
