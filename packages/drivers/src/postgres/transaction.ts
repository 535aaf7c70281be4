import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@pawl/core';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Sql } from '../sql/context.ts';
import type { Schema } from '../sql/schema.ts';
import { isRetryable } from './reason.ts';

const ATTEMPTS = 30;

/**
 * One transaction as SQLite has it: as if it ran alone (SERIALIZABLE), so that code which reads and then writes is right on both engines.
 * When PostgreSQL says that it lost to another, it is run again from the start. Throws `write_conflict` when it never gets through.
 */
export async function runTransaction<T>(db: Kysely<Schema>, work: (sql: Sql) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await db
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (tx) => {
          // Losers stand in a queue, so that they no longer disturb each other. LOCK TABLE takes no snapshot: what is read after the wait
          // is what is there then. Nothing else writes this table.
          if (attempt > 0) await sql`LOCK TABLE pawl_migration IN EXCLUSIVE MODE`.execute(tx);
          return work({ db: tx, engine: 'postgres' });
        });
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (attempt + 1 >= ATTEMPTS) throw fault('write_conflict', { what: 'What this transaction read' }, error);
    }
    // Losers of one conflict must not meet again at once.
    await sleep(Math.random() * Math.min(2 ** attempt, 50));
  }
}
