import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fault } from '@pawl/core';
import type { Database } from '@pawl/core';
import { Kysely } from 'kysely';
import type { Sql } from '../sql/context.ts';
import { createDatabase } from '../sql/database.ts';
import { migrate } from '../sql/migrate.ts';
import { migrations } from '../sql/migrations/index.ts';
import type { Schema } from '../sql/schema.ts';
import { createReadersDialect, createSqliteDialect } from './dialect.ts';
import { createReaders } from './readers.ts';
import { toSqliteFault } from './reason.ts';

export interface SqliteOptions {
  /** The file; it and its folder are made when they are not there. */
  readonly path: string;
  /**
   * What a commit survives. `process` (the default): the end of this process, however it ends; after a power cut the last commits may be
   * missing, never a part of one. `power`: a power cut too, for one wait for the disk a commit.
   */
  readonly durability?: 'process' | 'power';
}

/**
 * Opens the database in a file and brings its schema up to date. Several processes may open one file on one machine.
 * Throws `not_writable`, `database_unreachable` (not a database, damaged, kept locked) and `schema_newer`.
 */
export async function openSqlite({ path, durability = 'process' }: SqliteOptions): Promise<Database> {
  const opened: DatabaseSync[] = [];
  try {
    const writer = openFile(path, false, opened);
    writer.exec('PRAGMA journal_mode = WAL');
    writer.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`);
    // From here on waiting is asynchronous, in the dialect: a holder in this process needs the event loop to end.
    writer.exec('PRAGMA busy_timeout = 0');
    const writing = toHandle(writer, path);
    await migrate(writing, migrations);
    const bulk = new Kysely<Schema>({ dialect: createReadersDialect(createReaders(path), path) });
    return createSqliteDatabase(writing, { ...toHandle(openFile(path, true, opened), path), bulk });
  } catch (error) {
    for (const database of opened) if (database.isOpen) database.close();
    throw toSqliteFault(error, path);
  }
}

function openFile(path: string, readOnly: boolean, opened: DatabaseSync[]): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw fault('not_writable', { path, reason: error instanceof Error ? error.message : String(error) }, error);
  }
  const database = new DatabaseSync(path, { timeout: 5000, readOnly });
  opened.push(database);
  return database;
}

interface Handle extends Sql {
  /** Waits for what is under way. */
  close(): Promise<void>;
}

function toHandle(database: DatabaseSync, path: string): Handle {
  const db = new Kysely<Schema>({ dialect: createSqliteDialect(database, path) });
  return {
    db,
    engine: 'sqlite',
    async close() {
      await db.connection().execute(async () => {
        // The connection is one: whoever gets it is alone.
        if (database.isOpen) database.close();
      });
    },
  };
}

/**
 * Reads have a connection of their own: they see what is committed, and never wait for the transaction that is open. Short ones are quickest on this thread, those
 * that may be long run in threads.
 */
function createSqliteDatabase(writer: Handle, reader: Handle & { readonly bulk: Kysely<Schema> }): Database {
  return createDatabase({
    reader,
    transaction: (work) => writer.db.transaction().execute((db) => work({ db, engine: 'sqlite' })),
    // SQLite has no word for commits of other processes; readers of events poll.
    onForeignEvents: () => () => undefined,
    async close() {
      await reader.bulk.destroy();
      await reader.close();
      await writer.close();
    },
  });
}
