import { expectationsIn, toCheckVerdict } from '@pawl/core';
import type { CheckSuite, ExpectationResult } from '@pawl/core';
import { toLocalTable } from './local-table.ts';
import type { CheckReport, CheckedExpectation } from '../report/check/report.ts';

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
