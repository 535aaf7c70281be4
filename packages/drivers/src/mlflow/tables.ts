import type { ForeignRow } from './foreign.ts';

/** Rows of `tbl` and `col` by table. */
export function toTables(rows: readonly ForeignRow[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { tbl, col } of rows) {
    const columns = found.get(String(tbl)) ?? new Set();
    columns.add(String(col));
    found.set(String(tbl), columns);
  }
  return found;
}
