import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '@pawl/core';
import type { Database, FaultCode, NewEvent } from '@pawl/core';
import { openPostgres, openSqlite } from '@pawl/drivers';
import pg from 'pg';
import { freshDatabase } from '../support/postgres.ts';

const has = (code: FaultCode) => (error: unknown) => isFault(error, code);

const event = (id: string): NewEvent => ({ id, type: 'run.created', subject: 'run/x', time: 1, actor: 'user:ann', data: {} });

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-open-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withPostgres(body: (url: string, query: (text: string) => Promise<pg.QueryResult>) => Promise<void>): Promise<void> {
  const { url, drop } = await freshDatabase();
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await body(url, (text) => client.query(text));
  } finally {
    await client.end();
    await drop();
  }
}

/** Waits until something holds; fails after five seconds. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 20) {
    assert.ok(waited < 5000, 'it does not come to hold');
    await sleep(20);
  }
}

test('SQLite: a file that is not a database, or cannot be made, is told by its fault', () =>
  withFolder(async (folder) => {
    const garbage = join(folder, 'garbage');
    await writeFile(garbage, 'no database, only words\n'.repeat(100));
    await assert.rejects(openSqlite({ path: garbage }), has('database_unreachable'));
    await assert.rejects(openSqlite({ path: folder }), has('not_writable'));
    await assert.rejects(openSqlite({ path: join(garbage, 'below', 'a.sqlite') }), has('not_writable'));
  }));

test('SQLite: the folder is made, and a schema from a newer Pawl is left alone', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'deep', 'er', 'pawl.sqlite');
    await (await openSqlite({ path, durability: 'power' })).close();
    const raw = new DatabaseSync(path);
    assert.equal(raw.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
    const tables = raw.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'];
    raw.exec("INSERT INTO pawl_migration (name) VALUES ('9999-later')");
    await assert.rejects(openSqlite({ path }), has('schema_newer'));
    assert.equal(raw.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'], tables);
    raw.close();
  }));

test('SQLite: a migration that fails leaves nothing of itself', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'pawl.sqlite');
    const raw = new DatabaseSync(path);
    raw.exec('CREATE TABLE run_artifact (other TEXT)');
    await assert.rejects(openSqlite({ path }));
    const tables = raw.prepare('SELECT name FROM sqlite_schema').all();
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['run_artifact'],
    );
    raw.exec('DROP TABLE run_artifact');
    raw.close();
    await (await openSqlite({ path })).close();
  }));

test('a database that was closed takes no more transactions, and closes once', () =>
  withFolder(async (folder) => {
    const database = await openSqlite({ path: join(folder, 'pawl.sqlite') });
    await database.close();
    await database.close();
    await assert.rejects(
      database.transaction((tx) => tx.datasets.create({ name: 'late', createdAt: 1 })),
      has('database_unreachable'),
    );
    await assert.rejects(database.read.datasets.get('mail'), has('database_unreachable'));
  }));

for (const engine of ['SQLite', 'PostgreSQL']) {
  test(`${engine}: many handles may open a new database at once`, async () => {
    const openAll = async (open: () => Promise<Database>): Promise<void> => {
      const handles = await Promise.all(Array.from({ length: 5 }, open));
      await Promise.all(handles.map((handle, at) => handle.transaction((tx) => tx.events.append([event(`${at}`)]))));
      assert.equal((await handles[0]?.read.events.after(0, 10))?.length, 5);
      await Promise.all(handles.map((handle) => handle.close()));
    };
    await (engine === 'SQLite'
      ? withFolder((folder) => openAll(() => openSqlite({ path: join(folder, 'pawl.sqlite') })))
      : withPostgres((url) => openAll(() => openPostgres({ url }))));
  });
}

test('PostgreSQL: nobody there, no such database, or no URL is told by its fault', async () => {
  await assert.rejects(openPostgres({ url: 'postgres://postgres@127.0.0.1:1/pawl' }), has('database_unreachable'));
  await assert.rejects(openPostgres({ url: 'postgres' }), has('invalid_input'));
  await withPostgres(async (url) => {
    const other = new URL(url);
    other.pathname = '/pawl_test_not_there';
    await assert.rejects(openPostgres({ url: other.href }), has('database_unreachable'));
  });
});

test('PostgreSQL: a schema from a newer Pawl is left alone, and a migration that fails leaves nothing', () =>
  withPostgres(async (url, query) => {
    await query('CREATE TABLE run_artifact (other TEXT)');
    await assert.rejects(openPostgres({ url }));
    const tables = await query("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'");
    assert.deepEqual(
      tables.rows.map(({ name }: { name: string }) => name),
      ['run_artifact'],
    );
    await query('DROP TABLE run_artifact');
    await (await openPostgres({ url })).close();
    await query("INSERT INTO pawl_migration (name) VALUES ('9999-later')");
    await assert.rejects(openPostgres({ url }), has('schema_newer'));
  }));

test('PostgreSQL: one handle hears of what another appended, also after the connections broke', () =>
  withPostgres(async (url, query) => {
    const writer = await openPostgres({ url });
    const reader = await openPostgres({ url });
    try {
      let heard = 0;
      reader.onEvents(() => (heard += 1));
      await eventually(() => heard > 0);
      let before = heard;
      await writer.transaction((tx) => tx.events.append([event('a')]));
      await eventually(() => heard > before);

      await query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pawl' AND datname = current_database()",
      );
      before = heard;
      // Connecting again is heard too: what was said in between nobody heard.
      await eventually(() => heard > before);
      before = heard;
      await writer.transaction((tx) => tx.events.append([event('b')]));
      await eventually(() => heard > before);
      assert.equal((await reader.read.events.after(0, 10)).length, 2);
    } finally {
      await writer.close();
      await reader.close();
    }
  }));

test('PostgreSQL: a connection lost in a transaction is a fault, nothing of it stays, and the next one works', () =>
  withPostgres(async (url, query) => {
    const database = await openPostgres({ url });
    try {
      await assert.rejects(
        database.transaction(async (tx) => {
          await tx.datasets.create({ name: 'mail', createdAt: 1 });
          await query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pawl' AND datname = current_database()",
          );
          await sleep(50);
          await tx.datasets.create({ name: 'more', createdAt: 1 });
        }),
        has('database_unreachable'),
      );
      assert.deepEqual((await database.read.datasets.list({ limit: 5 })).items, []);
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 2 }));
      assert.equal((await database.read.datasets.get('mail'))?.createdAt, 2);
    } finally {
      await database.close();
    }
  }));
