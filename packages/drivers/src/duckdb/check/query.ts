import type { JsonValue, TableSource } from '@pawl/core';
import { toDuckReason } from '../reason.ts';
import { openSource } from '../source.ts';
import { toBroken, toFinding } from './probe.ts';
import type { Finding } from './probe.ts';
import { cut, SAMPLES } from './sample.ts';

const LONGEST_MS = 10 * 60_000;
const MEMORY = '1GB';

/**
 * Runs a suite's own query and counts the rows that it returns: each is unexpected. It comes from a file that anybody may have written, so it runs in a database of its own that
 * can open nothing but the files of the table, and cannot change that.
 */
export async function askQuery(source: TableSource, query: string): Promise<Finding> {
  const { DuckDBInstance, StatementType } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const patience = setTimeout(() => connection.interrupt(), LONGEST_MS);
  try {
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
    await connection.run("SET TimeZone = 'UTC'");
    const scan = await openSource({ connection, rows }, source);
    await connection.run(`CREATE VIEW batch AS SELECT * FROM ${scan.from}`);
    const files = source.paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ');
    await connection.run(`SET allowed_paths = [${files}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const asked = query.replaceAll('{batch}', 'batch').trim().replace(/;$/, '');
    const statements = await connection.extractStatements(asked);
    if (statements.count !== 1) return toBroken('"unexpected_rows_query" must be one SELECT').judge([], 0);
    const prepared = await statements.prepare(0);
    const isSelect = prepared.statementType === StatementType.SELECT;
    prepared.destroySync();
    if (!isSelect) return toBroken('"unexpected_rows_query" must be a SELECT').judge([], 0);
    const [found = []] = await rows(`SELECT count(*) FROM (${asked})`);
    const unexpected = Number(found[0]);
    if (unexpected === 0) return toFinding(true, 0);
    const shown = await rows(`SELECT CAST(to_json(q) AS VARCHAR) FROM (${asked}) q LIMIT ${SAMPLES}`);
    return { ...toFinding(false, unexpected, unexpected), samples: shown.map((row): JsonValue => cut(String(row[0]))) };
  } catch (error) {
    return toBroken(toDuckReason(error, source.paths)).judge([], 0);
  } finally {
    clearTimeout(patience);
    connection.closeSync();
    instance.closeSync();
  }
}
