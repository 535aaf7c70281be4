/** Versions made of what a query answers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { pawl, startServer } from '../cli/pawl.ts';
import type { Server } from '../cli/pawl.ts';
import { freshDatabase } from '../support/postgres.ts';

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const typesOf = async (name: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await server.json('data', 'show', name)).tables[0].columns.map((column: { name: string; type: string }) => [column.name, column.type]),
  );

test('over a version and a file: the record says both, the same answer is no new version, and nothing else can be read', async () => {
  writeFileSync(join(server.folder, 'mail.csv'), 'id,words\n1,10\n2,20\n3,\n');
  writeFileSync(join(server.folder, 'names.csv'), 'id,name\n1,ann\n2,bob\n');
  await server.run('data', 'add', 'mail', 'mail.csv');
  const words = [
    'data',
    'add',
    'joined',
    '--query',
    'SELECT name, words FROM m JOIN n USING (id) ORDER BY id;',
    '--input',
    'm=mail',
    '--input',
    'n=names.csv',
  ];
  assert.match(await server.run(...words), /^joined:1: 2 rows, [^\n]*\n {2}table \.: parquet, 2 rows, 2 columns\n$/);
  assert.match(await server.run(...words), /holds this answer already/);
  const { source } = await server.json('data', 'show', 'joined');
  assert.deepEqual(source, {
    kind: 'query',
    sql: 'SELECT name, words FROM m JOIN n USING (id) ORDER BY id;',
    inputs: [{ dataset: 'mail', version: 1, as: 'm' }],
    source: 'files: n=names.csv',
  });
  assert.match(
    await server.run('data', 'add', 'count', '--query', 'SELECT count(*) AS n FROM j', '--input', 'j=joined:1', '--via', 'http'),
    /count:1: 1 row/,
  );
  const refused = [
    ["SELECT * FROM read_csv('names.csv')", /file system operations are disabled/],
    ["SELECT * FROM 'mail.csv'", /./],
    ['SELECT 1 AS a; SELECT 2 AS b', /it must be one statement/],
    ['CREATE TABLE t AS SELECT 1', /it must be a SELECT/],
    ['SELECT x FROM m', /x/],
  ] as const;
  for (const [sql, reason] of refused)
    assert.match(await server.refuse(2, 'data', 'add', 'joined', '--query', sql, '--input', 'm=mail'), reason);
  assert.match(await server.refuse(2, 'data', 'add', 'joined'), /Name a folder or file/);
  assert.equal((await server.json('data', 'show', 'joined')).version, 1);
});

test('from SQLite: values keep their kind, whatever is in a text, and nothing is written', async () => {
  const path = join(server.folder, 'shop.db');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE sale (id INTEGER, note TEXT, price REAL, raw BLOB, big INTEGER)');
  const insert = database.prepare('INSERT INTO sale VALUES (?, ?, ?, ?, ?)');
  insert.run(1, 'it is "odd",\nü', 1.5, Buffer.from([0, 255]), 9007199254740993n);
  insert.run(2, '', null, null, null);
  insert.run(3, null, 2, Buffer.alloc(0), 1);
  database.close();
  await server.run('data', 'add', 'sales', '--query', 'SELECT * FROM sale ORDER BY id', '--source', 'sqlite:shop.db');
  assert.deepEqual(await typesOf('sales'), { id: 'BIGINT', note: 'VARCHAR', price: 'DOUBLE', raw: 'BLOB', big: 'BIGINT' });
  const kept =
    "SELECT count(*) AS n FROM s WHERE (id = 1 AND big = 9007199254740993 AND length(note) = 14 AND octet_length(raw) = 2) OR (id = 2 AND note = '' AND raw IS NULL) OR (id = 3 AND note IS NULL)";
  await server.run('data', 'add', 'kept', '--query', `SELECT * FROM (${kept}) WHERE n = 3`, '--input', 's=sales');
  assert.equal((await server.json('data', 'show', 'kept')).tables[0].rows, 1);
  assert.equal((await server.json('data', 'show', 'sales')).source.source, 'sqlite:shop.db');
  assert.match(
    await server.refuse(2, 'data', 'add', 'sales', '--query', 'DELETE FROM sale', '--source', 'sqlite:shop.db'),
    /SELECT|readonly/,
  );
  assert.match(
    await server.refuse(2, 'data', 'add', 'sales', '--query', 'SELECT 1, 1', '--source', 'sqlite:none.db'),
    /there is no file none\.db/,
  );
});

test('from PostgreSQL: the address comes from a variable, and its password is recorded nowhere', async () => {
  const fresh = await freshDatabase();
  const client = new pg.Client({ connectionString: fresh.url });
  await client.connect();
  try {
    await client.query(`CREATE TABLE ride AS SELECT n AS id, (n % 3 = 0) AS paid, (n / 4.0)::numeric(10,2) AS fare, 'ride ' || n AS note,
      timestamptz '2026-01-01 00:00:00+02' + n * interval '1 second' AS taken, decode(lpad(to_hex(n), 8, '0'), 'hex') AS raw FROM generate_series(1, 12000) n`);
    const env = { PAWL_SERVER: server.url, PAWL_CACHE: join(server.folder, 'cache'), WAREHOUSE: fresh.url };
    const add = (sql: string) => pawl(['data', 'add', 'rides', '--query', sql, '--source', 'env:WAREHOUSE'], { env, cwd: server.folder });
    const { code, stdout, stderr } = await add('SELECT * FROM ride ORDER BY id');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^rides:1: 12,000 rows/);
    assert.deepEqual(await typesOf('rides'), {
      id: 'INTEGER',
      paid: 'BOOLEAN',
      fare: 'DECIMAL(10,2)',
      note: 'VARCHAR',
      taken: 'TIMESTAMP WITH TIME ZONE',
      raw: 'BLOB',
    });
    const { source } = await server.json('data', 'show', 'rides');
    const { host, pathname, password } = new URL(fresh.url);
    assert.equal(source.source, `postgres://${host}${pathname}`);
    if (password !== '') assert.ok(!JSON.stringify(source).includes(password));
    const check =
      "SELECT count(*) AS n FROM r WHERE id = 12 AND paid AND fare = 3 AND taken = TIMESTAMPTZ '2025-12-31 22:00:12+00' AND hex(raw) = '0000000C'";
    await server.run('data', 'add', 'ride-12', '--query', `SELECT * FROM (${check}) WHERE n = 1`, '--input', 'r=rides');
    assert.equal((await server.json('data', 'show', 'ride-12')).tables[0].rows, 1);
    for (const sql of ['DELETE FROM ride', 'SELECT 1; DROP TABLE ride', 'SELECT nothing FROM ride'])
      assert.equal((await add(sql)).code, 2, sql);
    assert.equal((await client.query('SELECT count(*)::int AS n FROM ride')).rows[0].n, 12_000);
  } finally {
    await client.end();
    await fresh.drop();
  }
});
