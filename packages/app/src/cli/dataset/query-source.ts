import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPostgresRows, readSqliteRows, writeRows } from '@pawl/drivers/query';
import { UsageError } from '../exit.ts';

/** Asks another program's database and writes the answer. `shown` is its address as it may be recorded: without a name, a password or options. */
export async function queryRows(
  address: string,
  sql: string,
  target: string,
  onRows: (count: number) => void,
): Promise<{ readonly rows: number; readonly shown: string }> {
  if (/^postgres(ql)?:/.test(address)) {
    if (!URL.canParse(address)) throw new UsageError('--source: write the database as postgres://HOST:PORT/NAME.');
    const url = new URL(address);
    const shown = `postgres://${url.host}${url.pathname}`;
    return { rows: await readPostgresRows(address, sql, (rows) => writeRows(rows, target, onRows)), shown };
  }
  const path = address.startsWith('file:') ? fileURLToPath(address) : address.replace(/^sqlite:(?:\/\/)?/, '');
  if (!/^(?:sqlite|file):/.test(address) && !/\.(?:db|sqlite3?)$/i.test(address))
    throw new UsageError('--source takes postgres://HOST:PORT/NAME, sqlite:FILE, or env:NAME of a variable that holds one.');
  if (!existsSync(path)) throw new UsageError(`--source: there is no file ${path}.`);
  const shown = `sqlite:${relative('.', resolve(path))}`;
  return { rows: await readSqliteRows(path, sql, (rows) => writeRows(rows, target, onRows)), shown };
}
