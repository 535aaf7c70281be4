import type { TestEvent } from 'node:test/reporters';

/** What a run of node:test counted. */
export interface Counts {
  readonly tests: number;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
}

/** A reporter that writes nothing but the closing counts, as JSON: `scripts/test.ts` adds up those of its runs. */
export default async function* counts(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // With a process per file, each file has a summary of its own: the one of the whole run names no file.
    if (event.type === 'test:summary' && event.data.file === undefined) yield JSON.stringify(event.data.counts);
  }
}

/** The closing lines as node:test prints them, for several runs together. */
export function closingLines(runs: readonly Counts[], milliseconds: number): string {
  const sum = (name: keyof Counts): number => runs.reduce((total, run) => total + run[name], 0);
  return [
    `tests ${sum('tests')}`,
    `suites ${sum('suites')}`,
    `pass ${sum('passed')}`,
    `fail ${sum('failed')}`,
    `cancelled ${sum('cancelled')}`,
    `skipped ${sum('skipped')}`,
    `todo ${sum('todo')}`,
    `duration_ms ${milliseconds}`,
  ]
    .map((line) => `ℹ ${line}`)
    .join('\n');
}
