import { fault } from '@pawl/core';
import type { ForeignDatabase, ForeignRow } from '../mlflow/foreign.ts';
import { toTables } from '../mlflow/tables.ts';
import { toTypes } from './dialect.ts';

const INT8 = 20;

/** Opens another program's database to read it; the session cannot write. Throws `import_source_invalid`, whose text has no password in it. */
export async function openForeignPostgres(url: string, shown: string): Promise<ForeignDatabase> {
  const vendor = (await import('pg')).default;
  const types = toTypes(vendor.types);
  const client = new vendor.Client({
    connectionString: url,
    application_name: 'pawl import',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    options: '-c default_transaction_read_only=on',
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? toInteger : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  });
  // What breaks between two queries is told by the next one.
  client.on('error', () => undefined);
  const refuse = (error: unknown): Error => {
    const reason = error instanceof Error && error.message !== '' ? error.message : 'it does not answer';
    return fault('import_source_invalid', { source: shown, problem: `${reason}.` }, error);
  };
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw refuse(error);
  }
  const query = async (sql: string, parameters: readonly (string | number)[]): Promise<readonly ForeignRow[]> => {
    let place = 0;
    try {
      const { rows } = await client.query(
        sql.replaceAll('?', () => `$${(place += 1)}`),
        [...parameters],
      );
      return rows as ForeignRow[];
    } catch (error) {
      throw refuse(error);
    }
  };
  return {
    query,
    async tables() {
      const rows = await query(
        'select table_name as tbl, column_name as col from information_schema.columns where table_schema = any (current_schemas(false))',
        [],
      );
      return toTables(rows);
    },
    close: () => client.end(),
  };
}

function toInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
