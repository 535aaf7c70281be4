import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type pg from 'pg';
import { toParameter } from '../sql/parameters.ts';
import { isUnheard } from '../sql/unheard.ts';
import { isPlanOutdated, toPostgresFault } from './reason.ts';

/** One connection of a pool, as long as it is held. */
export interface Connection extends DatabaseConnection {
  /** Nothing is sent before the first statement. */
  begin(isolation?: 'serializable'): void;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Gives it back to the pool, which closes one that is `broken`. */
  release(broken?: boolean): void;
}

interface Statement {
  readonly text: string;
  readonly values: unknown[];
  readonly name?: string;
  readonly resolve: (result: pg.QueryResult<never>) => void;
  readonly reject: (error: unknown) => void;
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

const writes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/**
 * A trip to the server costs more than most statements: those that come in one turn of the event loop go out together, and in a transaction what nobody waits for, its BEGIN
 * too, goes with the next that somebody waits for, the COMMIT at last. The server runs them in order; what comes after one that failed fails too.
 * @param prepared for short statements, whose plan does not hang on their parameters
 */
export function createConnection(client: pg.PoolClient, prepared: boolean): Connection {
  let waiting: Statement[] = [];
  let scheduled = false;
  let open = false;
  let begun = false;
  /** The first of the transaction, of which the others are the consequence. */
  let failure: { readonly error: unknown } | undefined;

  function flush(): void {
    scheduled = false;
    const sent = waiting;
    waiting = [];
    begun ||= open;
    const { stream } = client.connection;
    stream.cork();
    for (const { text, values, name, resolve, reject } of sent)
      client.query<never>({ text, values, ...(name === undefined ? {} : { name }) }).then(resolve, reject);
    stream.uncork();
  }

  function enqueue(text: string, parameters: readonly unknown[]): Promise<pg.QueryResult<never>> {
    const values = parameters.map((value) => (Array.isArray(value) ? value.map(toParameter) : toParameter(value)));
    // A statement without parameters is one of a transaction's own words.
    const name = prepared && values.length > 0 ? nameOf(text) : undefined;
    const result = new Promise<pg.QueryResult<never>>((resolve, reject) => {
      waiting.push({ text, values, ...(name === undefined ? {} : { name }), resolve, reject });
    });
    if (open) result.catch((error: unknown) => (failure ??= { error }));
    return result;
  }

  async function query(text: string, parameters: readonly unknown[] = []): Promise<pg.QueryResult<never>> {
    const result = enqueue(text, parameters);
    if (!scheduled) process.nextTick(flush);
    scheduled = true;
    try {
      return await result;
    } catch (error) {
      if (isPlanOutdated(error)) {
        names.clear();
        // A transaction is run again.
        if (!open) return client.query({ text, values: [...parameters] });
      }
      throw failure?.error ?? error;
    }
  }

  return {
    async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
      const { sql, parameters } = compiled;
      if (open && isUnheard(compiled)) {
        void enqueue(sql, parameters);
        return { rows: [] };
      }
      try {
        const { command, rowCount, rows } = await query(sql, parameters);
        return writes.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
      } catch (error) {
        throw toPostgresFault(error);
      }
    },
    // oxlint-disable-next-line require-yield -- the interface asks for a generator, and nothing streams
    async *streamQuery() {
      throw new Error('streaming is not used: pages are');
    },
    begin(isolation) {
      open = true;
      begun = false;
      failure = undefined;
      void enqueue(isolation === undefined ? 'begin' : `begin isolation level ${isolation}`, []);
    },
    async commit() {
      try {
        const { command } = await query('commit');
        // PostgreSQL answers so when an earlier statement failed.
        if (command === 'ROLLBACK') throw failure?.error ?? new Error('the transaction was rolled back');
        open = false;
      } catch (error) {
        throw toPostgresFault(error);
      }
    },
    async rollback() {
      open = false;
      waiting = [];
      if (begun) await query('rollback');
    },
    release: (broken = false) => client.release(broken),
  };
}
