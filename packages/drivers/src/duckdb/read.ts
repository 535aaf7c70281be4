import { fault } from '@pawl/core';
import type { CellValue, Column, ColumnarTable, TableSource } from '@pawl/core';
import type { DuckDBValue } from '@duckdb/node-api';
import type { Session } from './session.ts';
import { openSource, readingFrom, requireColumn } from './source.ts';
import { toIdentifier } from './sql.ts';

/**
 * Reads columns into memory, rows in file order. Numbers of every width become numbers; times, texts of other kinds and UUIDs become DuckDB's text for them, nested values JSON text, bytes base64.
 * Throws `column_missing`, and `table_unreadable` also for an integer that a number cannot hold.
 */
export async function readColumns(session: Session, source: TableSource, names: readonly string[] | null): Promise<ColumnarTable> {
  const scan = await openSource(session, source);
  const columns = names === null ? scan.columns : names.map((name) => requireColumn(scan, name, source.label));
  if (columns.length === 0) return { rows: 0, columns: {} };
  const values: CellValue[][] = columns.map(() => []);
  let rows = 0;
  await readingFrom(source, async () => {
    const result = await session.connection.stream(`SELECT ${columns.map(toPlain).join(', ')} FROM ${scan.from}`);
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      rows += chunk.rowCount;
      for (const [index, column] of columns.entries()) {
        const target = values[index];
        for (const value of chunk.getColumnValues(index)) target?.push(toCell(value, column, source));
      }
    }
  });
  return { rows, columns: Object.fromEntries(columns.map((column, index) => [column.name, values[index] ?? []])) };
}

/** The column in a form that the binding gives as a plain value. */
function toPlain(column: Column): string {
  const name = toIdentifier(column.name);
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|VARCHAR)$/.test(column.type)) return name;
  if (column.type.startsWith('DECIMAL')) return `CAST(${name} AS DOUBLE)`;
  if (column.type === 'BLOB') return `base64(${name})`;
  if (/[[(]/.test(column.type) && !column.type.startsWith('ENUM')) return `CAST(to_json(${name}) AS VARCHAR)`;
  return `CAST(${name} AS VARCHAR)`;
}

function toCell(value: DuckDBValue, column: Column, source: TableSource): CellValue {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw fault('table_unreadable', { file: source.label, reason: `column "${column.name}" holds ${value}, an integer beyond 2^53` });
  }
  return String(value);
}
