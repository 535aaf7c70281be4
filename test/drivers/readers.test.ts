// Reads of SQLite in threads.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { createReaders } from '../../packages/drivers/src/sqlite/readers.ts';
import type { Readers } from '../../packages/drivers/src/sqlite/readers.ts';

async function withReaders(work: (readers: Readers, writer: DatabaseSync) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-readers-'));
  const path = join(folder, 'file.db');
  const writer = new DatabaseSync(path);
  writer.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER, x REAL, s TEXT); INSERT INTO t VALUES (1, 0.5, NULL), (2, 1, 'a')");
  const readers = createReaders(path);
  try {
    await work(readers, writer);
  } finally {
    await readers.close();
    writer.close();
    await rm(folder, { recursive: true });
  }
}

const count = (to: number): string =>
  `WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${to}) SELECT count(*) AS n FROM c`;

test('rows come as they are, and what was committed meanwhile is seen', () =>
  withReaders(async (readers, writer) => {
    assert.deepEqual((await readers.execute('SELECT n, x, s FROM t WHERE n <= ? ORDER BY n', [2n])).rows, [
      { n: 1, x: 0.5, s: null },
      { n: 2, x: 1, s: 'a' },
    ]);
    writer.exec("INSERT INTO t VALUES (3, 9e999, 'b')");
    assert.deepEqual((await readers.execute('SELECT x FROM t WHERE n = 3', [])).rows, [{ x: Infinity }]);
    assert.deepEqual((await readers.execute('SELECT x FROM t WHERE n = 4', [])).rows, []);
  }));

test('while a long read is under way this thread has its turns, and more reads than threads all end', () =>
  withReaders(async (readers) => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const found = await Promise.all(Array.from({ length: 9 }, () => readers.execute<{ n: number }>(count(300_000), [])));
    clearInterval(timer);
    assert.deepEqual(
      found.map(({ rows }) => rows[0]?.n),
      Array.from({ length: 9 }, () => 300_000),
    );
    assert.ok(turns > 9, `${turns} turns`);
  }));

test('an error is told with its code, nothing can be written, and a close waits for reads', () =>
  withReaders(async (readers) => {
    await assert.rejects(readers.execute('SELECT gone FROM t', []), /no such column/);
    await assert.rejects(readers.execute('DELETE FROM t', []), (error) => (error as { readonly errcode?: number }).errcode === 8);
    const last = readers.execute<{ n: number }>(count(100_000), []);
    await readers.close();
    assert.equal((await last).rows[0]?.n, 100_000);
    await assert.rejects(readers.execute('SELECT 1', []), (error) => isFault(error, 'database_unreachable'));
  }));
