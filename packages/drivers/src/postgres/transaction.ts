import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@pawl/core';
import { Kysely, sql } from 'kysely';
import type { Sql } from '../sql/context.ts';
import type { Schema } from '../sql/schema.ts';
import type { Connection } from './connection.ts';
import { createPostgresDialect } from './dialect.ts';
import type { Connections } from './dialect.ts';
import { isRetryable } from './reason.ts';

const ATTEMPTS = 30;

/** Handles on connections: statements that are asked for side by side go to the server side by side, which Kysely's own transactions do not do. */
const handles = new WeakMap<Connection, Kysely<Schema>>();

function toHandle(connection: Connection): Kysely<Schema> {
  const known = handles.get(connection);
  if (known !== undefined) return known;
  const db = new Kysely<Schema>({
    dialect: createPostgresDialect({ acquire: async () => connection, release: () => undefined, end: async () => undefined }),
  });
  handles.set(connection, db);
  return db;
}

/**
 * One transaction as SQLite has it: as if it ran alone (SERIALIZABLE), so that code which reads and then writes is right on both engines.
 * When PostgreSQL says that it lost to another, it is run again from the start. Throws `write_conflict` when it never gets through.
 */
export async function runTransaction<T>(connections: Connections, work: (sql: Sql) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await runOnce(connections, async (db) => {
        // Losers stand in a queue, so that they no longer disturb each other. LOCK TABLE takes no snapshot: what is read after the wait
        // is what is there then. Nothing else writes this table.
        if (attempt > 0) await sql`LOCK TABLE pawl_migration IN EXCLUSIVE MODE`.execute(db);
        return work({ db, engine: 'postgres' });
      });
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (attempt + 1 >= ATTEMPTS) throw fault('write_conflict', { what: 'What this transaction read' }, error);
    }
    // Losers of one conflict must not meet again at once.
    await sleep(Math.random() * Math.min(2 ** attempt, 50));
  }
}

async function runOnce<T>(connections: Connections, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  const connection = await connections.acquire();
  let broken = false;
  try {
    connection.begin('serializable');
    const value = await work(toHandle(connection));
    await connection.commit();
    return value;
  } catch (error) {
    // What cannot even roll back is of no more use.
    await connection.rollback().catch(() => (broken = true));
    throw error;
  } finally {
    connection.release(broken);
  }
}
