import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fault, isFault } from '@pawl/core';
import type { Column, TableSource } from '@pawl/core';
import { toTableFault } from './reason.ts';
import type { Session } from './session.ts';
import { toText } from './sql.ts';

/** A source as it stands in a FROM clause, and what it holds. */
export interface Scan {
  readonly from: string;
  readonly columns: readonly Column[];
}

interface Head {
  readonly path: string;
  readonly bytes: Buffer;
}

const HEAD_BYTES = 64 * 1024;

/** Looks at the files and names the columns. Throws `table_unreadable`. */
export async function openSource(session: Session, source: TableSource): Promise<Scan> {
  const unreadable = (reason: string): Error => fault('table_unreadable', { file: source.label, reason });
  if (source.paths.length === 0) throw unreadable('there is no file');
  const heads = await Promise.all(source.paths.map(readHead)).catch((error: unknown) => Promise.reject(toTableFault(source, error)));
  const filled = heads.filter((head) => head.bytes.length > 0);
  if (filled.length === 0) throw unreadable(source.paths.length === 1 ? 'the file is empty' : 'all its files are empty');
  const from = toFrom(source, filled);
  try {
    const rows = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
    return { from, columns: rows.map((row) => ({ name: String(row[0]), type: String(row[1]) })) };
  } catch (error) {
    throw toTableFault(source, error);
  }
}

/** The column, by its exact name. Throws `column_missing`. */
export function requireColumn(scan: Scan, name: string, where: string): Column {
  const column = scan.columns.find((candidate) => candidate.name === name);
  if (column === undefined)
    throw fault('column_missing', { column: name, where, columns: scan.columns.map((candidate) => candidate.name) });
  return column;
}

/** Runs work that reads the source, and says what DuckDB has against its files as `table_unreadable`. */
export async function readingFrom<T>(source: TableSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFault(error) ? error : toTableFault(source, error);
  }
}

async function readHead(path: string): Promise<Head> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return { path, bytes: buffer.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}

/** Every choice that DuckDB would otherwise guess from a sample is made here: a guess that skips the line that does not fit loses data without a word. */
function toFrom(source: TableSource, heads: readonly Head[]): string {
  const paths = `[${heads.map((head) => toText(toLiteralPath(head.path))).join(', ')}]`;
  // Of a single file DuckDB knows what its columns hold, and needs not read what its figures say.
  if (source.format === 'parquet') return heads.length === 1 ? `read_parquet(${paths})` : `read_parquet(${paths}, union_by_name = true)`;
  const whole = `sample_size = -1, union_by_name = true, compression = '${toCompression(heads)}'`;
  if (source.format === 'json') {
    return `read_json(${paths}, format = 'auto', records = true, maximum_sample_files = ${heads.length + 1}, map_inference_threshold = -1, ${whole})`;
  }
  const dialect = `delim = ${toText(toDelimiter(heads))}, quote = '"', escape = '"', comment = '', header = true, skip = 0`;
  return `read_csv(${paths}, ${dialect}, strict_mode = true, null_padding = false, ${whole})`;
}

/** A path is read as a pattern; the characters of patterns stand for themselves in brackets. */
function toLiteralPath(path: string): string {
  return resolve(path).replaceAll(/[[*?]/g, (character) => `[${character}]`);
}

/** Stored content has no file name to tell it by. */
function toCompression(heads: readonly Head[]): 'gzip' | 'zstd' | 'uncompressed' {
  const first = heads[0]?.bytes.toString('hex', 0, 4) ?? '';
  if (first.startsWith('1f8b')) return 'gzip';
  return first === '28b52ffd' ? 'zstd' : 'uncompressed';
}

/** The one of the usual delimiters that the header line has most of, quoted parts aside; a comma when it has none. */
function toDelimiter(heads: readonly Head[]): string {
  const line = (heads[0]?.bytes.toString('utf8').split(/\r?\n/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}
