import { fault } from '@pawl/core';
import type { RowSource } from '../duckdb/write-rows.ts';

/** DuckDB's types by PostgreSQL's, by object id (pg_type.dat); what is not here comes as its text. */
const TYPES: Readonly<Record<number, string>> = {
  16: 'BOOLEAN',
  17: 'BLOB',
  20: 'BIGINT',
  21: 'SMALLINT',
  23: 'INTEGER',
  26: 'BIGINT',
  700: 'FLOAT',
  701: 'DOUBLE',
  1082: 'DATE',
  1083: 'TIME',
  1114: 'TIMESTAMP',
  1184: 'TIMESTAMPTZ',
  2950: 'UUID',
};
const [BYTEA, NUMERIC] = [17, 1700];
const ROWS = 5000;

/**
 * What a query answers on a PostgreSQL database, some rows at a time, in a transaction that may only read and sees one state of it. `url` as libpq reads it; what it does not
 * say comes from PGUSER, PGPASSWORD and so on. Throws `database_unreachable`, and `invalid_input` for a query that fails.
 */
export async function readPostgresRows<T>(url: string, sql: string, work: (rows: RowSource) => Promise<T>): Promise<T> {
  const vendor = (await import('pg')).default;
  // Every value as the database writes it.
  const asText = {
    getTypeParser:
      () =>
      (value: string): string =>
        value,
  } as never;
  const client = new vendor.Client({ connectionString: url, application_name: 'pawl', connectionTimeoutMillis: 10_000, types: asText });
  client.on('error', () => undefined);
  await client
    .connect()
    .catch((error: unknown) =>
      Promise.reject(fault('database_unreachable', { reason: error instanceof Error ? error.message : String(error) }, error)),
    );
  const refused = (error: unknown): Error =>
    fault('invalid_input', { where: 'the query', problem: `${error instanceof Error ? error.message : String(error)}.` }, error);
  const fetch = async () =>
    client
      .query<(string | null)[]>({ text: `FETCH ${ROWS} FROM pawl_rows`, rowMode: 'array' })
      .catch((error: unknown) => Promise.reject(refused(error)));
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(
      "SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1",
    );
    // Extended: the protocol itself takes one statement only, so that none can end the transaction.
    const text = `DECLARE pawl_rows NO SCROLL CURSOR FOR ${sql.trim().replace(/;+$/, '')}`;
    await client.query({ text, queryMode: 'extended' } as { text: string }).catch((error: unknown) => Promise.reject(refused(error)));
    let page = await fetch();
    const fields = page.fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
      name,
      id: dataTypeID,
      type: toType(dataTypeID, dataTypeModifier),
    }));
    const binary = fields.flatMap(({ id }, index) => (id === BYTEA ? [index] : []));
    return await work({
      columns: fields.map(({ name }) => name),
      types: () => fields.map(({ type }) => type),
      rows: (async function* () {
        for (; page.rows.length > 0; page = await fetch()) {
          for (const row of page.rows) {
            for (const index of binary) row[index] = row[index]?.replace(/^\\x/, '') ?? null;
            yield row;
          }
        }
      })(),
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A number without a declared precision may have any: as the nearest double. */
function toType(id: number, modifier: number): string {
  if (id !== NUMERIC) return TYPES[id] ?? 'VARCHAR';
  if (modifier < 4) return 'DOUBLE';
  const [precision, scale] = [((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0x7ff];
  return precision <= 38 && scale <= precision ? `DECIMAL(${precision},${scale})` : 'VARCHAR';
}
