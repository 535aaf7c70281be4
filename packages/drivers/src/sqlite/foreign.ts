import { existsSync } from 'node:fs';
import { fault } from '@pawl/core';
import type { ForeignDatabase, ForeignRow } from '../mlflow/foreign.ts';
import { toTables } from '../mlflow/tables.ts';

/** Opens a file of another program to read it. Throws `import_source_invalid`. */
export async function openForeignSqlite(path: string): Promise<ForeignDatabase> {
  if (!existsSync(path)) throw fault('import_source_invalid', { source: path, problem: 'there is no such file.' });
  const { DatabaseSync } = await import('node:sqlite');
  const refuse = (error: unknown): Error => {
    const reason = error instanceof Error ? error.message : String(error);
    return fault('import_source_invalid', { source: path, problem: `${reason}.` }, error);
  };
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 20_000 });
    const run = (sql: string, parameters: readonly (string | number)[], big: boolean): readonly ForeignRow[] => {
      const statement = database.prepare(sql);
      statement.setReadBigInts(big);
      return statement.all(...parameters) as ForeignRow[];
    };
    const query = (sql: string, parameters: readonly (string | number)[]): readonly ForeignRow[] => {
      try {
        return run(sql, parameters, false);
      } catch (error) {
        // A whole number beyond 2^53: this page again, all whole numbers as bigint.
        if ((error as { code?: unknown }).code !== 'ERR_OUT_OF_RANGE') throw refuse(error);
        return run(sql, parameters, true).map((row) =>
          Object.fromEntries(Object.entries(row).map(([key, value]) => [key, toSmall(value)])),
        );
      }
    };
    // What is no database is found out by reading.
    query('select count(*) from sqlite_master', []);
    return {
      query: (sql, parameters) => Promise.resolve().then(() => query(sql, parameters)),
      async tables() {
        const rows = query(
          `select m.name as tbl, c.name as col from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'`,
          [],
        );
        return toTables(rows);
      },
      close: () => Promise.resolve(database.close()),
    };
  } catch (error) {
    throw error instanceof Error && 'kind' in error ? error : refuse(error);
  }
}

function toSmall(value: ForeignRow[string]): ForeignRow[string] {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
