import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, DatasetVersion } from '@pawl/client';
import type { TableSource } from '@pawl/core';
import { variable } from '../../config/environment.ts';
import type { Context } from '../context.ts';
import { UsageError } from '../exit.ts';
import { failure } from '../fail.ts';
import { formatCount } from '../format.ts';
import { isLocalTable, toLocalTable } from '../local-table.ts';
import { createProgress } from '../progress.ts';
import { addFolder } from './add.ts';
import type { AddOptions, Added } from './add.ts';
import { makeFolders, readManifest, toTargets } from './checkout.ts';
import { fetchTargets } from './fetch.ts';
import { findStore } from './place.ts';
import { toVersion } from './view.ts';

export interface QueryOptions extends Omit<AddOptions, 'source'> {
  /** SELECT, or `@file` that holds it. */
  readonly query: string;
  /** A database, or `env:NAME` of a variable that holds its address; tables of versions and files are asked when there is none. */
  readonly source?: string | undefined;
  /** `name=version` or `name=file`: what the query may read, by the names that it uses. */
  readonly input?: readonly string[] | undefined;
  /** What the file is called in the version. */
  readonly as?: string | undefined;
}

/**
 * Makes a version of what a query answers, as one Parquet file, with the query and where it was asked. It runs on this machine: no server is made to call others, and no password
 * reaches it. Throws `invalid_input`, `database_unreachable`, `table_unreadable`, `dataset_version_not_found`.
 */
export async function addQuery(
  context: Context,
  client: Client,
  dataset: string,
  options: QueryOptions,
): Promise<Added & { readonly rows: number }> {
  const sql = options.query.startsWith('@') ? readQuery(options.query.slice(1)) : options.query;
  const name = options.as ?? 'rows.parquet';
  if (!/^[^/\\\0]{1,200}\.parquet$/.test(name)) throw new UsageError('--as takes the name of a file that ends in .parquet.');
  const folder = mkdtempSync(join(tmpdir(), 'pawl-query-'));
  try {
    const target = join(folder, name);
    const asked =
      options.source === undefined
        ? await askTables(context, client, sql, target, folder, options)
        : await askDatabase(sql, target, options.source);
    const { rows, source } = asked;
    const added = await addFolder(context, client, dataset, target, { ...options, source, remembered: `query:${dataset}` });
    return { ...added, rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Asked {
  readonly rows: number;
  readonly source: NonNullable<DatasetVersion['source']>;
}

function readQuery(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`There is no file ${path} with a query.`);
  }
}

async function askDatabase(sql: string, target: string, given: string): Promise<Asked> {
  const { queryRows } = await import('./query-source.ts');
  const name = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(given)?.[1];
  const address = name === undefined ? given : variable(name);
  if (address === undefined) throw new UsageError(`--source names the variable ${name ?? ''}, and it is not set.`);
  const progress = createProgress('Reading', 0, process.stderr, Date.now, (count) => `${formatCount(count)} rows`);
  try {
    let all = 0;
    const { rows, shown } = await queryRows(address, sql, target, (count) => progress.say(`${formatCount((all += count))} rows`));
    return { rows, source: { kind: 'query', sql, inputs: [], source: shown } };
  } finally {
    progress.end();
  }
}

async function askTables(
  context: Context,
  client: Client,
  sql: string,
  target: string,
  folder: string,
  options: QueryOptions,
): Promise<Asked> {
  const { queryTables } = await import('@pawl/drivers/query');
  const tables: Record<string, TableSource> = {};
  const inputs: { dataset: string; version: number; as: string }[] = [];
  const files: string[] = [];
  for (const text of options.input ?? []) {
    const [, alias = '', of = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/.exec(text) ?? [];
    if (alias === '') throw new UsageError(`--input ${text}: write it as name=dataset, name=dataset:version or name=file.`);
    if (alias in tables) throw new UsageError(`--input names "${alias}" twice.`);
    if (await isLocalTable(of)) {
      tables[alias] = await toLocalTable(of);
      files.push(`${alias}=${of}`);
    } else {
      const version = await client.dataset.version(toVersion(of));
      tables[alias] = await fetchTable(context, client, version, join(folder, `input-${alias}`), options);
      inputs.push({ dataset: version.dataset, version: version.version, as: alias });
    }
  }
  const rows = await queryTables({ sql, tables, target });
  return { rows, source: { kind: 'query', sql, inputs, ...(files.length === 0 ? {} : { source: `files: ${files.join(', ')}` }) } };
}

/** The files of a version's only table, on this machine and verified. */
async function fetchTable(
  context: Context,
  client: Client,
  version: DatasetVersion,
  folder: string,
  options: QueryOptions,
): Promise<TableSource> {
  const { createThreads } = await import('@pawl/drivers/workspace');
  const [table] = version.tables;
  if (table === undefined || version.tables.length > 1)
    throw await failure('table_unreadable', {
      file: version.ref,
      reason: table === undefined ? 'it holds no Parquet, CSV or JSON file' : `it holds ${version.tables.length} tables`,
    });
  const store = await findStore(context, client, options);
  const ending = { parquet: /\.parquet$/i, csv: /\.csv$/i, json: /\.(jsonl|ndjson)$/i }[table.format];
  const { entries } = await readManifest(context, version.manifest, store?.root);
  const wanted = entries.filter(({ path, size }) => size > 0 && ending.test(path));
  const threads = createThreads({ store });
  try {
    await makeFolders(folder, wanted);
    await fetchTargets(context, threads, toTargets(folder, wanted), { isLocal: store !== undefined, fresh: true });
  } finally {
    await threads.close();
  }
  return {
    format: table.format,
    paths: wanted.map(({ path }) => join(folder, path)).filter((path) => existsSync(path)),
    label: version.ref,
  };
}
