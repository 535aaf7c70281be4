/** Parameters of one statement: below SQLite's 32,766 and PostgreSQL's 65,535. */
const MOST_PARAMETERS = 30_000;

/** Rows in groups that each fit one INSERT of so many columns, in order. */
export function toChunks<Row>(rows: readonly Row[], columns: number): readonly (readonly Row[])[] {
  const size = Math.floor(MOST_PARAMETERS / columns);
  const chunks: (readonly Row[])[] = [];
  for (let start = 0; start < rows.length; start += size) chunks.push(rows.slice(start, start + size));
  return chunks;
}
