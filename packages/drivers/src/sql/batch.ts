import { CompiledQuery } from 'kysely';
import { toChunks } from './chunks.ts';
import type { Sql } from './context.ts';
import type { Parameter } from './parameters.ts';

/**
 * Inserts many rows with one statement each chunk. The text is put together here: the query builder's objects for a thousand rows cost more than the insert.
 * Names and the conflict clause are constants of the code, never input.
 */
export async function insertRows(
  { db, engine }: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Parameter[])[],
  conflict: string,
): Promise<void> {
  for (const chunk of toChunks(rows, columns.length)) {
    const text = `insert into ${table} (${columns.join(', ')}) values ${toPlaces(engine, chunk.length, columns.length)} ${conflict}`;
    await db.executeQuery(CompiledQuery.raw(text, chunk.flat()));
  }
}

function toPlaces(engine: Sql['engine'], rows: number, columns: number): string {
  if (engine === 'sqlite') return Array.from({ length: rows }, () => `(${'?, '.repeat(columns - 1)}?)`).join(', ');
  let next = 1;
  return Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => `$${next++}`).join(', ')})`).join(', ');
}
