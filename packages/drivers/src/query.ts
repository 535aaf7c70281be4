/** What turns the answer of a query into a file, for commands; the stores are not loaded with it. */
export { queryTables } from './duckdb/query.ts';
export { writeRows } from './duckdb/write-rows.ts';
export { readPostgresRows } from './postgres/rows.ts';
export { readSqliteRows } from './sqlite/rows.ts';
