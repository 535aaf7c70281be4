import { glob, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expectationsIn, fault, toCheckVerdict } from '@pawl/core';
import type { CheckSuite, ExpectationResult, TableFormat, TableSource } from '@pawl/core';
import type { CheckReport, CheckedExpectation } from '../report/check/report.ts';

const FORMATS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.parquet$/i, 'parquet'],
  [/\.(csv|tsv)(\.gz)?$/i, 'csv'],
  [/\.(jsonl|ndjson|json)(\.gz)?$/i, 'json'],
];

/** Files of one format as one table: a file, a folder, or a pattern. Throws `table_unreadable`. */
async function toLocalTable(place: string): Promise<TableSource> {
  const found = await stat(place).catch(() => undefined);
  const names: string[] = [];
  for await (const name of glob(found?.isDirectory() === true ? join(place, '**') : place)) names.push(name);
  const files = (found?.isFile() === true ? [place] : names).toSorted();
  const known = files.flatMap((file) => {
    const format = FORMATS.find(([pattern]) => pattern.test(file))?.[1];
    return format === undefined ? [] : [{ file, format }];
  });
  const unreadable = (reason: string): Error => fault('table_unreadable', { file: place, reason });
  const [first] = known;
  if (files.length === 0) throw unreadable('there is no such file');
  if (first === undefined) throw unreadable('it is no .parquet, .csv, .jsonl or .json file, and holds none');
  const other = known.find((one) => one.format !== first.format);
  if (other !== undefined)
    throw unreadable(`it holds ${relative('.', first.file)} and ${relative('.', other.file)}, which are no one table`);
  return { format: first.format, paths: known.map(({ file }) => file), label: place };
}

export interface LocalCheck {
  readonly environment: string | null;
  /** Files that stand for the tables a suite is compared with, by name. */
  readonly others: Readonly<Record<string, string>>;
}

/** Judges a table on this machine, without a server. Ages are counted to now. */
export async function checkLocally(suite: CheckSuite, place: string, { environment, others }: LocalCheck): Promise<CheckReport> {
  const expectations = expectationsIn(suite, environment);
  const source = await toLocalTable(place);
  const references = Object.fromEntries(
    await Promise.all(Object.entries(others).map(async ([name, path]) => [name, await toLocalTable(path)] as const)),
  );
  const { createTables } = await import('@pawl/drivers');
  const tables = createTables();
  try {
    const now = Date.now();
    const results = await tables.check(source, { expectations, references, at: now });
    return {
      suite: suite.name,
      subject: place,
      environment,
      verdict: toCheckVerdict(results),
      at: new Date(now).toISOString(),
      results: results.map(toChecked),
    };
  } finally {
    await tables.close();
  }
}

/** As the API would tell it. */
function toChecked({ elementCount, missingCount, unexpectedCount, ...result }: ExpectationResult): CheckedExpectation {
  return { ...result, element_count: elementCount, missing_count: missingCount, unexpected_count: unexpectedCount };
}
