import { setImmediate as nextTurn } from 'node:timers/promises';
import { fault } from '@pawl/core';
import type { RowSource } from '../duckdb/write-rows.ts';

/** Rows read before other work gets its turn. */
const SLICE = 1000;

/**
 * What a query answers on a SQLite file, which is opened to be read only. SQLite's columns have no type of their own: each gets the narrowest that holds all its values.
 * Throws `database_unreachable`, and `invalid_input` for a query that fails.
 */
export async function readSqliteRows<T>(path: string, sql: string, work: (rows: RowSource) => Promise<T>): Promise<T> {
  const { DatabaseSync } = await import('node:sqlite');
  const refused = (error: unknown): Error =>
    fault('invalid_input', { where: 'the query', problem: `${error instanceof Error ? error.message : String(error)}.` }, error);
  let database: InstanceType<typeof DatabaseSync>;
  try {
    database = new DatabaseSync(path, { readOnly: true });
  } catch (error) {
    throw fault('database_unreachable', { reason: `${path}: ${error instanceof Error ? error.message : String(error)}` }, error);
  }
  try {
    let statement;
    try {
      statement = database.prepare(sql);
    } catch (error) {
      throw refused(error);
    }
    const columns = statement.columns().map(({ name }) => name);
    if (columns.length === 0) throw refused(new Error('it answers no rows: it must be a SELECT'));
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const seen = columns.map(() => new Set<string>());
    const cell = (value: unknown, index: number): string | null => {
      if (value === null) return null;
      seen[index]?.add(value instanceof Uint8Array ? 'blob' : typeof value);
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value as string | number | bigint);
    };
    return await work({
      columns,
      types: () =>
        seen.map((kinds, index) => {
          if (kinds.has('blob') && kinds.size > 1)
            throw refused(new Error(`column "${columns[index]}" holds both bytes and other values: cast it to one type`));
          if (kinds.has('blob')) return 'BLOB';
          if (kinds.size === 0 || kinds.has('string')) return 'VARCHAR';
          return kinds.has('number') ? 'DOUBLE' : 'BIGINT';
        }),
      rows: (async function* () {
        let count = 0;
        try {
          for (const row of statement.iterate() as unknown as Iterable<readonly unknown[]>) {
            yield row.map(cell);
            count += 1;
            if (count % SLICE === 0) await nextTurn();
          }
        } catch (error) {
          throw refused(error);
        }
      })(),
    });
  } finally {
    database.close();
  }
}
