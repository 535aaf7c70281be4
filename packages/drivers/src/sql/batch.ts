import { toChunks } from './chunks.ts';
import type { Sql } from './context.ts';
import type { Parameter } from './parameters.ts';
import { toUnheard } from './unheard.ts';

/** Rows that go to PostgreSQL at once: as columns they are a few parameters, whatever their number. */
const MOST_ROWS = 10_000;

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
  const into = `insert into ${table} (${columns.join(', ')})`;
  if (engine === 'sqlite') {
    for (const chunk of toChunks(rows, columns.length)) {
      const places = Array.from({ length: chunk.length }, () => `(${'?, '.repeat(columns.length - 1)}?)`).join(', ');
      await db.executeQuery(toUnheard(`${into} values ${places} ${conflict}`, chunk.flat()));
    }
    return;
  }
  for (let at = 0; at < rows.length; at += MOST_ROWS) {
    const chunk = rows.slice(at, at + MOST_ROWS);
    const lists = columns.map((_, column) => chunk.map((row) => row[column] ?? null));
    const places = lists.map((list, column) => `$${column + 1}::${toArrayType(list)}`);
    await db.executeQuery(toUnheard(`${into} select * from unnest(${places.join(', ')}) ${conflict}`, lists));
  }
}

/** Whole numbers go to either kind of number column. */
function toArrayType(values: readonly Parameter[]): string {
  const known = values.filter((value) => value !== null);
  if (known.some((value) => typeof value === 'string')) return 'text[]';
  return known.every((value) => Number.isSafeInteger(value)) ? 'bigint[]' : 'double precision[]';
}
