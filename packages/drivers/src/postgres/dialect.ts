import { PostgresDialect } from 'kysely';
import type { Dialect, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { toParameter } from '../sql/parameters.ts';
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

/** Kysely's dialect over a pool whose queries check their parameters and throw faults for what the server or the network did. */
export function createPostgresDialect(pool: pg.Pool): Dialect {
  return new PostgresDialect({
    pool: {
      options: {},
      connect: async () => {
        try {
          return toClient(await pool.connect());
        } catch (error) {
          throw toPostgresFault(error);
        }
      },
      end: () => pool.end(),
    },
  });
}

/** Kysely keeps what it knows of a client by identity: one wrapper each. */
const wrappers = new WeakMap<pg.PoolClient, PostgresPoolClient>();

function toClient(client: pg.PoolClient): PostgresPoolClient {
  let wrapper = wrappers.get(client);
  if (wrapper === undefined) {
    wrapper = {
      query: async (text: string, parameters: readonly unknown[]) => {
        const values = parameters.map(toParameter);
        try {
          return await client.query(text, values);
        } catch (error) {
          throw toPostgresFault(error);
        }
      },
      release: (error?: boolean | Error) => client.release(error),
    } as unknown as PostgresPoolClient;
    wrappers.set(client, wrapper);
  }
  return wrapper;
}
