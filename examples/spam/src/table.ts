/** Rows to Parquet and back through DuckDB: one thread and one fixed order, so the same rows always make the same bytes. */
import { existsSync } from 'node:fs';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { StepError } from './step.ts';

export type ColumnType = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether a cell may be null. */
  readonly nullable?: boolean;
}

export type Cell = string | number | boolean | null;

/** Writes `rows` (cells in the order of `columns`; a BIGINT cell is a safe integer) to `path`, replacing it. */
export async function writeParquet(path: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Promise<void> {
  await withDuckDB(async (connection) => {
    await connection.run(
      `CREATE TABLE rows (${columns.map(({ name, type, nullable }) => `"${name}" ${type}${nullable ? '' : ' NOT NULL'}`).join(', ')})`,
    );
    const appender = await connection.createAppender('rows');
    for (const row of rows) {
      for (const [index, { name, type, nullable }] of columns.entries()) {
        const cell = row[index];
        if (cell === null && nullable) appender.appendNull();
        else if (type === 'VARCHAR' && typeof cell === 'string') appender.appendVarchar(cell);
        else if (type === 'BOOLEAN' && typeof cell === 'boolean') appender.appendBoolean(cell);
        else if (type === 'BIGINT' && typeof cell === 'number') appender.appendBigInt(BigInt(cell));
        else if (type === 'DOUBLE' && typeof cell === 'number') appender.appendDouble(cell);
        else throw new TypeError(`column ${name} is ${type}, not ${typeof cell}`);
      }
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(`COPY rows TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
  });
}

export interface Table {
  readonly names: readonly string[];
  readonly rowCount: number;
  /** Numbers of a numeric or boolean column; NULL becomes NaN. Throws a StepError when the column is absent or holds text. */
  readonly numbers: (name: string) => Float64Array;
}

export async function readParquet(path: string): Promise<Table> {
  if (!existsSync(path)) throw new StepError(`${path} does not exist.`);
  return withDuckDB(async (connection) => {
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`).catch((error: unknown) => {
      throw new StepError(
        `${path} is not a readable Parquet file: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`,
      );
    });
    const names = reader.deduplicatedColumnNames();
    const columns = reader.getColumns();
    return {
      names,
      rowCount: reader.currentRowCount,
      numbers: (name) => {
        const column = columns[names.indexOf(name)];
        if (!column) throw new StepError(`${path} has no column '${name}'; it has ${names.join(', ')}.`);
        return Float64Array.from(column, (cell, row) => {
          if (cell === null) return NaN;
          if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
          throw new StepError(`${path}: column '${name}' holds ${typeof cell} at row ${row + 1}; a number is needed.`);
        });
      },
    };
  });
}

async function withDuckDB<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
