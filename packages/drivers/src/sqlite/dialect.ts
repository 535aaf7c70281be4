import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';
import { fault } from '@pawl/core';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import type { Readers } from './readers.ts';
import { bind, createStatements } from './statements.ts';
import { createRegexp } from './regexp.ts';
import { isBusy, toSqliteFault } from './reason.ts';

/** How long a transaction waits for one of another process, ms. */
const LOCK_TIMEOUT = 30_000;

/**
 * Kysely on node:sqlite. The connection is one: Kysely's own mutex gives it to one transaction at a time.
 * @param path only for messages
 */
export function createSqliteDialect(database: DatabaseSync, path: string): Dialect {
  return {
    createDriver: () => createDriver(database, path),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** The same for reads alone, in threads. */
export function createReadersDialect(readers: Readers, path: string): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      try {
        return await readers.execute<R>(sql, parameters.map(bind));
      } catch (error) {
        throw toSqliteFault(error, path);
      }
    },
    streamQuery,
  };
  const refuse = async (): Promise<void> => {
    throw new Error('threads read outside of transactions');
  };
  return {
    createDriver: () => ({
      async init() {},
      acquireConnection: async () => connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      async releaseConnection() {},
      destroy: () => readers.close(),
    }),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new ReadersAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** Several reads may be under way at once, which the adapter of one connection denies. */
class ReadersAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

// oxlint-disable-next-line require-yield -- the interface asks for a generator, and nothing streams
async function* streamQuery(): AsyncIterableIterator<never> {
  throw new Error('streaming is not used: pages are');
}

function createDriver(database: DatabaseSync, path: string): Driver {
  const statements = createStatements(database);
  const regexp = createRegexp(() => database);

  function translated<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toSqliteFault(error, path);
    }
  }

  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const defined = regexp.ready(sql);
      if (defined !== undefined) await defined;
      return translated(() => statements.execute<R>(sql, parameters));
    },
    streamQuery,
  };

  return {
    async init() {},
    acquireConnection: async () => connection,
    async beginTransaction() {
      await beginImmediate(database, path);
    },
    async commitTransaction() {
      try {
        translated(() => database.exec('commit'));
      } catch (error) {
        if (database.isTransaction) database.exec('rollback');
        throw error;
      }
    },
    async rollbackTransaction() {
      // SQLite has rolled back by itself after a full disk or an I/O error.
      if (database.isTransaction) database.exec('rollback');
    },
    async releaseConnection() {},
    async destroy() {
      database.close();
    },
  };
}

/**
 * Takes the write lock at once: a transaction that began to read could not turn to writing behind another. It waits without blocking the
 * event loop, on which the holder, when it is in this process, needs its turn to end.
 */
async function beginImmediate(database: DatabaseSync, path: string): Promise<void> {
  for (let waited = 0, pause = 1; ; waited += pause, pause = Math.min(pause * 2, 16)) {
    try {
      database.exec('begin immediate');
      return;
    } catch (error) {
      if (!isBusy(error)) throw toSqliteFault(error, path);
      if (waited >= LOCK_TIMEOUT) throw fault('database_unreachable', { reason: 'another process keeps writing to it' }, error);
    }
    await sleep(pause);
  }
}
