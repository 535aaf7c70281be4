import { rm } from 'node:fs/promises';
import { fault } from '@pawl/core';
import type { TableSource } from '@pawl/core';
import { isAboutFiles, toDuckReason } from './reason.ts';
import { createSessions } from './session.ts';
import type { Session } from './session.ts';
import { openSource } from './source.ts';
import { toIdentifier, toText } from './sql.ts';

export interface TableQuery {
  /** One SELECT. */
  readonly sql: string;
  /** What it may read, by the names that it uses. */
  readonly tables: Readonly<Record<string, TableSource>>;
  /** Parquet. */
  readonly target: string;
}

/** How a result is written: the same rows in the same order are the same bytes. */
export const PARQUET = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, PRESERVE_ORDER true';

/**
 * Writes what a query answers, out of core; gives the number of rows. The query sees the tables given and nothing else: no other file, no network, no extension.
 * Throws `invalid_input` for what is no query or fails, `table_unreadable`, `not_writable`.
 */
export async function queryTables({ sql, tables, target }: TableQuery): Promise<number> {
  const sessions = createSessions({});
  try {
    return await sessions.run(async (session) => {
      for (const [name, source] of Object.entries(tables)) {
        const { from } = await openSource(session, source);
        await session.connection.run(`CREATE VIEW ${toIdentifier(name)} AS SELECT * FROM ${from}`);
      }
      const paths = Object.values(tables).flatMap((source) => source.paths);
      await session.connection.run(`SET allowed_paths = [${[...paths, target].map(toText).join(', ')}]`);
      await session.connection.run('SET enable_external_access = false');
      await session.connection.run('SET lock_configuration = true');
      return await copyTo(session, sql, target, paths);
    });
  } catch (error) {
    await rm(target, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await sessions.close();
  }
}

async function copyTo(session: Session, sql: string, target: string, paths: readonly string[]): Promise<number> {
  const refused = (problem: string, cause?: unknown): Error =>
    fault('invalid_input', { where: 'the query', problem: `${problem}.` }, cause);
  const { StatementType } = await import('@duckdb/node-api');
  try {
    const statements = await session.connection.extractStatements(sql);
    if (statements.count !== 1) throw refused('it must be one statement');
    const prepared = await statements.prepare(0);
    if (prepared.statementType !== StatementType.SELECT) throw refused('it must be a SELECT');
    if (prepared.parameterCount > 0) throw refused('it has parameters, and there is nobody to give them');
    const rows = await session.rows(`COPY (\n${sql.trim().replace(/;+$/, '')}\n) TO ${toText(target)} (${PARQUET})`);
    return Number(rows[0]?.[0] ?? 0);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'invalid_input') throw error;
    if (isAboutFiles(error, [target])) throw fault('not_writable', { path: target, reason: toDuckReason(error, [target]) }, error);
    throw refused(toDuckReason(error, paths), error);
  }
}
