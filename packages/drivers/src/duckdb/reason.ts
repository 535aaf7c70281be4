import { resolve } from 'node:path';
import { fault } from '@pawl/core';
import type { Fault, TableSource } from '@pawl/core';

/** One line of what DuckDB says, without its own file paths, which mean nothing to whoever asked and may not be shown. */
export function toDuckReason(error: unknown, paths: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('Error when sniffing'))
    return 'its lines do not all hold the columns of the first line, or a quotation mark is not closed';
  if (message.includes('expected records')) return 'it holds no JSON objects';
  if (message.includes('No magic bytes found at end of file')) return 'it is no whole Parquet file: its end is missing';
  if (message.includes('Prefetch registered for bytes outside file')) return 'it is damaged: what its end speaks of lies outside it';
  const lines = (message.split('\n\nLINE ')[0] ?? '').split('\n').map((line) => line.trim());
  const telling = lines.filter(
    (line, index) => index === 0 || (index < 3 && line !== '' && !/^(Original Line|Possible|file =|Candidate)/.test(line)),
  );
  let reason = telling.join(', ').replace(/^[A-Z][A-Za-z ]* Error: /, '');
  for (const [index, path] of paths.entries()) {
    const name = paths.length === 1 ? 'the file' : `file ${index + 1} of ${paths.length}`;
    for (const written of [resolve(path), path])
      reason = reason.replaceAll(`"${written}"`, name).replaceAll(`'${written}'`, name).replaceAll(written, name);
  }
  return reason.replace(/[.\s]+$/, '').slice(0, 300);
}

export function toTableFault(source: TableSource, error: unknown): Fault {
  return fault('table_unreadable', { file: source.label, reason: toDuckReason(error, source.paths) }, error);
}

export function isAboutFiles(error: unknown, paths: readonly string[]): boolean {
  return error instanceof Error && paths.some((path) => error.message.includes(path));
}
