import { glob, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { TableFormat, TableSource } from '@pawl/core';
import { failure } from './fail.ts';

const FORMATS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.parquet$/i, 'parquet'],
  [/\.(csv|tsv)(\.gz)?$/i, 'csv'],
  [/\.(jsonl|ndjson|json)(\.gz)?$/i, 'json'],
];

/** Files of one format as one table: a file, a folder, or a pattern. Throws `table_unreadable`. */
export async function toLocalTable(place: string): Promise<TableSource> {
  const found = await stat(place).catch(() => undefined);
  const names: string[] = [];
  for await (const name of glob(found?.isDirectory() === true ? join(place, '**') : place)) names.push(name);
  const files = (found?.isFile() === true ? [place] : names).toSorted();
  const known = files.flatMap((file) => {
    const format = FORMATS.find(([pattern]) => pattern.test(file))?.[1];
    return format === undefined ? [] : [{ file, format }];
  });
  const unreadable = (reason: string): Promise<Error> => failure('table_unreadable', { file: place, reason });
  const [first] = known;
  if (files.length === 0) throw await unreadable('there is no such file');
  if (first === undefined) throw await unreadable('it is no .parquet, .csv, .jsonl or .json file, and holds none');
  const other = known.find((one) => one.format !== first.format);
  if (other !== undefined)
    throw await unreadable(`it holds ${relative('.', first.file)} and ${relative('.', other.file)}, which are no one table`);
  return { format: first.format, paths: known.map(({ file }) => file), label: place };
}

/** Whether a word of the command line is meant for a file: it has its ending, or it is there. */
export async function isLocalTable(text: string): Promise<boolean> {
  return FORMATS.some(([pattern]) => pattern.test(text)) || (/[/\\]/.test(text) && (await stat(text).catch(() => undefined)) !== undefined);
}
