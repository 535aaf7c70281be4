import { columnsOf, toAssertion } from '@pawl/core';
import type { Column, Expectation, TableSource } from '@pawl/core';
import type { Session } from '../session.ts';
import { openSource, readingFrom } from '../source.ts';
import { toIdentifier } from '../sql.ts';
import { ROW } from './probe.ts';
import type { Batch } from './probe.ts';

export interface OpenBatch {
  readonly batch: Batch;
  close(): Promise<void>;
}

/**
 * Parquet is read where it lies, only the columns that are asked for. Text is read once into a table that spills to disk, since each statement would parse it again; of that
 * too only the columns that are asked for.
 */
export async function openBatch(session: Session, source: TableSource, expectations: readonly Expectation[]): Promise<OpenBatch> {
  const scan = await openSource(session, source);
  const { columns } = scan;
  if (source.format === 'parquet') return { batch: toParquetBatch(source, scan.from, columns), close: () => Promise.resolve() };
  const asked = new Set(expectations.flatMap(columnsOf));
  const kept = columns.filter((column) => asked.has(column.name));
  if (kept.length === 0 || expectations.every((one) => toAssertion(one).form === 'broken'))
    return { batch: toBatch(scan.from, columns), close: () => Promise.resolve() };
  const names = kept.map((column) => toIdentifier(column.name)).join(', ');
  await readingFrom(source, () =>
    session.connection.run(`CREATE TEMP TABLE "pawl batch" AS SELECT row_number() OVER () AS ${ROW}, ${names} FROM ${scan.from}`),
  );
  return {
    batch: { ...toBatch('"pawl batch"', columns), numbered: '"pawl batch"' },
    close: async () => void (await session.connection.run('DROP TABLE IF EXISTS "pawl batch"')),
  };
}

function toBatch(from: string, columns: readonly Column[]): Batch {
  return {
    from,
    columns,
    numbered: `(SELECT row_number() OVER () AS ${ROW}, * FROM ${from})`,
    head: (rows) => `(SELECT * FROM ${from} LIMIT ${rows})`,
  };
}

/** A single file numbers its rows itself, which threads can share, and which tells what need not be read; several are numbered as they come. */
function toParquetBatch(source: TableSource, from: string, columns: readonly Column[]): Batch {
  if (source.paths.length > 1 || columns.some((column) => column.name.toLowerCase() === 'file_row_number')) return toBatch(from, columns);
  const numbered = from.replace(/\)$/, ', file_row_number = true)');
  return {
    from,
    columns,
    numbered: `(SELECT file_row_number + 1 AS ${ROW}, * FROM ${numbered})`,
    head: (rows) => `(SELECT * FROM ${numbered} WHERE file_row_number < ${rows})`,
  };
}
