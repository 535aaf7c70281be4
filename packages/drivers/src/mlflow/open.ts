import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault } from '@pawl/core';
import type { ImportSource, ReportProblem } from '@pawl/core';
import { openSqlSource } from './sql-source.ts';

export interface MlflowSourceOptions {
  readonly report: ReportProblem;
  /** Of a database whose server has several. */
  readonly workspace: string;
}

/**
 * Opens a store of MLflow by the URI that its server was started with: a folder, `file:…`, `sqlite:///…`, `postgresql://…`, or the path of a SQLite file.
 * Throws `import_source_invalid`.
 */
export async function openMlflow(uri: string, { report, workspace }: MlflowSourceOptions): Promise<ImportSource> {
  const [scheme = ''] = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(uri) ?? [];
  const kind = scheme.toLowerCase().split('+')[0] ?? '';
  const options = { report, workspace };
  if (kind === 'postgresql' || kind === 'postgres') {
    const { openForeignPostgres } = await import('../postgres/foreign.ts');
    const url = uri.replace(/^[^:]+:/, 'postgres:');
    const name = url.replace(/\/\/[^@/]*@/, '//');
    return openSqlSource(await openForeignPostgres(url, name), { ...options, name, folders: [] });
  }
  if (kind === 'sqlite') return openSqlite(resolve(uri.replace(/^[^:]+:\/\/\//, '')), options);
  if (kind === 'mysql' || kind === 'mssql') {
    const problem = 'only SQLite and PostgreSQL databases are read; move it into one of them with "mlflow-export-import" or a dump first.';
    throw fault('import_source_invalid', { source: `this ${kind} database`, problem });
  }
  if (kind === 'http' || kind === 'https')
    throw fault('import_source_invalid', {
      source: uri,
      problem: 'it is a server; name the store that it was started with (its --backend-store-uri).',
    });
  // One letter is a drive of Windows.
  if (kind.length > 1 && kind !== 'file')
    throw fault('import_source_invalid', { source: uri, problem: `"${kind}:" names no store that is read here.` });
  const path = resolve(kind === 'file' ? fileURLToPath(uri.startsWith('file://') ? uri : `file://${resolve(uri.slice(5))}`) : uri);
  if (isSqliteFile(path)) return openSqlite(path, options);
  const { openFileSource } = await import('./file-source.ts');
  return openFileSource(path, report);
}

async function openSqlite(path: string, options: MlflowSourceOptions): Promise<ImportSource> {
  const { openForeignSqlite } = await import('../sqlite/foreign.ts');
  return openSqlSource(await openForeignSqlite(path), { ...options, name: path, folders: [dirname(path)] });
}

const MAGIC = 'SQLite format 3\0';

function isSqliteFile(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(MAGIC.length);
      readSync(file, head, 0, head.length, 0);
      return head.toString('latin1') === MAGIC;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
