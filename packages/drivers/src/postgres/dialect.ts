import { PostgresDialect } from 'kysely';
import type { Dialect, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { toParameter } from '../sql/parameters.ts';
import { isPlanOutdated, toPostgresFault } from './reason.ts';

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

/**
 * Statements that the server keeps prepared in each connection: planning a short one takes longer than running it. Texts are those of the code; of the many that
 * searches put together only the first come in.
 */
const MOST_PREPARED = 500;

const names = new Map<string, string>();
let lastName = 0;

function nameOf(text: string): string | undefined {
  const name = names.get(text);
  if (name !== undefined || names.size >= MOST_PREPARED) return name;
  const given = `pawl_${(lastName += 1)}`;
  names.set(text, given);
  return given;
}

/**
 * Kysely's dialect over a pool whose queries check their parameters and throw faults for what the server or the network did.
 * @param prepared for short statements, whose plan does not hang on their parameters
 */
export function createPostgresDialect(pool: pg.Pool, prepared: boolean): Dialect {
  /** Kysely keeps what it knows of a client by identity: one wrapper each. */
  const wrappers = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return new PostgresDialect({
    pool: {
      options: {},
      connect: async () => {
        try {
          const client = await pool.connect();
          const wrapper = wrappers.get(client) ?? toClient(client, prepared);
          wrappers.set(client, wrapper);
          return wrapper;
        } catch (error) {
          throw toPostgresFault(error);
        }
      },
      end: () => pool.end(),
    },
  });
}

function toClient(client: pg.PoolClient, prepared: boolean): PostgresPoolClient {
  return {
    query: async (text: string, parameters: readonly unknown[]) => {
      const values = parameters.map((value) => (Array.isArray(value) ? value.map(toParameter) : toParameter(value)));
      // A statement without parameters is one of a transaction's own words.
      const name = prepared && values.length > 0 ? nameOf(text) : undefined;
      try {
        return await client.query({ text, values, ...(name === undefined ? {} : { name }) });
      } catch (error) {
        if (!isPlanOutdated(error)) throw toPostgresFault(error);
        names.clear();
        // In a transaction this fails too, and the transaction is run again.
        return client.query({ text, values }).catch(() => {
          throw toPostgresFault(error);
        });
      }
    },
    release: (error?: boolean | Error) => client.release(error),
  } as unknown as PostgresPoolClient;
}
