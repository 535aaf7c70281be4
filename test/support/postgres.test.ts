import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { freshDatabase } from './postgres.ts';

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows[0];
  } finally {
    await client.end();
  }
}

test('two fresh databases see nothing of each other', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  try {
    await ask(one.url, 'create table only_here (id integer)');
    const statement = `select to_regclass('only_here') as found`;
    assert.deepEqual(await ask(one.url, statement), { found: 'only_here' });
    assert.deepEqual(await ask(two.url, statement), { found: null });
  } finally {
    await Promise.all([one.drop(), two.drop()]);
  }
});

test('a dropped database is gone, even while a connection is open', async () => {
  const database = await freshDatabase();
  const client = new pg.Client({ connectionString: database.url });
  const cut = new Promise<Error>((done) => client.on('error', done));
  await client.connect();
  await database.drop();
  assert.match((await cut).message, /terminat/);
  await assert.rejects(ask(database.url, 'select 1'), /does not exist/);
});
