import { fault } from '@pawl/core';
import type { Database } from '@pawl/core';
import { Kysely } from 'kysely';
import type pg from 'pg';
import type { Sql } from '../sql/context.ts';
import { createDatabase } from '../sql/database.ts';
import { EVENT_CHANNEL, toTypes as toEventTypes } from '../sql/event.ts';
import { migrate } from '../sql/migrate.ts';
import { migrations } from '../sql/migrations/index.ts';
import type { Schema } from '../sql/schema.ts';
import { createPostgresDialect, fromPool, toTypes } from './dialect.ts';
import type { Connections } from './dialect.ts';
import { listen } from './listen.ts';
import { runTransaction } from './transaction.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…`, as libpq reads it. */
  readonly url: string;
  /** Connections at most, for transactions and as many again for reads; 10 unless told. */
  readonly connections?: number;
}

/** A search is short and one of many: workers for it cost more than they bring, and take the processors of others. */
const ALONE = 'SET max_parallel_workers_per_gather = 0';

/**
 * Opens a PostgreSQL database and brings its schema up to date; several servers may share it and start at once.
 * Throws `database_unreachable` and `schema_newer`.
 */
export async function openPostgres({ url, connections = 10 }: PostgresOptions): Promise<Database> {
  if (!URL.canParse(url))
    throw fault('invalid_input', { where: 'database URL', problem: 'write postgres://user:password@host:port/database.' });
  const vendor = (await import('pg')).default;
  const client: pg.ClientConfig = {
    connectionString: url,
    application_name: 'pawl',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    // A server that hangs in a transaction, or is cut off, holds the lock of the events: others wait no longer than this.
    idle_in_transaction_session_timeout: 60_000,
    types: toTypes(vendor.types),
  };
  const toHandle = (setting?: string): Sql & { readonly connections: Connections } => {
    const pool = new vendor.Pool({ ...client, pipeline: true, max: connections });
    // Without listeners a connection that breaks while no query waits would end the process. The pool replaces it; in a transaction the next
    // query says so.
    pool.on('error', () => undefined);
    pool.on('connect', (connection) => {
      connection.on('error', () => undefined);
      // What comes after it fails too when it does.
      if (setting !== undefined) connection.query(setting).catch(() => undefined);
    });
    const short = fromPool(pool, true);
    return {
      db: new Kysely<Schema>({ dialect: createPostgresDialect(short) }),
      engine: 'postgres',
      // On the same pool, which `db` ends.
      bulk: new Kysely<Schema>({ dialect: createPostgresDialect(fromPool(pool, false)) }),
      connections: short,
    };
  };
  const writer = toHandle();
  try {
    await migrate(writer, migrations);
  } catch (error) {
    await writer.db.destroy();
    throw error;
  }
  // Reads have a pool of their own: a transaction that reads what is committed never waits for a connection that it holds itself.
  const reader = toHandle(ALONE);
  return createDatabase({
    reader,
    transaction: (work) => runTransaction(writer.connections, work),
    onForeignEvents: (listener) =>
      listen(
        () => new vendor.Client(client),
        EVENT_CHANNEL,
        (message) => listener(toEventTypes(message)),
      ),
    async close() {
      await Promise.all([writer.db.destroy(), reader.db.destroy()]);
    },
  });
}
