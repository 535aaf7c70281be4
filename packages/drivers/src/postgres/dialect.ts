import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Dialect } from 'kysely';
import type pg from 'pg';
import { createConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { toPostgresFault } from './reason.ts';

/** PostgreSQL's type numbers, `select oid, typname from pg_type`. */
const INT8 = 20;
const NUMERIC = 1700;

/** 64-bit integers as numbers; pg gives text. Throws RangeError beyond 2^53, where a number would be another one. */
export function toTypes(types: typeof pg.types): pg.CustomTypesConfig {
  return {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
      oid === INT8 || oid === NUMERIC ? toNumber : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
  };
}

function toNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) throw new RangeError(`the stored integer ${text} is beyond 2^53`);
  return number;
}

/** Where connections come from. */
export interface Connections {
  acquire(): Promise<Connection>;
  release(connection: Connection): void;
  end(): Promise<void>;
}

/** Connections of a pool. See `createConnection` for `prepared`. */
export function fromPool(pool: pg.Pool, prepared: boolean): Connections {
  const known = new WeakMap<pg.PoolClient, Connection>();
  return {
    async acquire() {
      try {
        const client = await pool.connect();
        const connection = known.get(client) ?? createConnection(client, prepared);
        known.set(client, connection);
        return connection;
      } catch (error) {
        throw toPostgresFault(error);
      }
    },
    release: (connection) => connection.release(),
    end: () => pool.end(),
  };
}

/** Kysely's dialect over connections whose queries check their parameters and throw faults for what the server or the network did. */
export function createPostgresDialect(connections: Connections): Dialect {
  return {
    createDriver: () => ({
      async init() {},
      acquireConnection: () => connections.acquire(),
      beginTransaction: async (connection) => (connection as Connection).begin(),
      commitTransaction: (connection) => (connection as Connection).commit(),
      rollbackTransaction: (connection) => (connection as Connection).rollback(),
      releaseConnection: async (connection) => connections.release(connection as Connection),
      destroy: () => connections.end(),
    }),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}
