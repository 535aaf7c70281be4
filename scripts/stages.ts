import { globSync, readFileSync } from 'node:fs';
import type { Counts } from './counts.ts';

/** One step of `npm test`: a command, and whether it runs tests. */
export interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** After this many seconds it hangs, and is ended. */
  readonly limit: number;
  readonly tests?: TestSet;
}

interface TestSet {
  /** Where the counts are written. */
  readonly countsPath: string;
  readonly files: readonly string[];
}

const UNIT = ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts'];
const INTEGRATION = ['test/**/*.test.ts'];

/**
 * The stages in their order.
 * @param scratch a folder for the counts
 * @param filter parts of paths: with some, only the test files whose path contains one
 */
export function stages(scratch: string, filter: readonly string[]): readonly Stage[] {
  return [
    { name: 'format', command: ['oxfmt', '--check'], limit: 60 },
    { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'], limit: 120 },
    { name: 'types', command: ['tsc', '--build'], limit: 120 },
    { name: 'dead', command: ['knip', '--no-progress', '--no-config-hints'], limit: 120 },
    // Pure tests share one process: sixty files take half a second so, and fifteen with a process each.
    tests('unit', UNIT, ['--test-isolation=none', '--test-timeout=60000'], 'dot', 180),
    // Most of them wait for other processes a third of their time: three at once keep two cores busy.
    tests('integration', INTEGRATION, ['--test-concurrency=3', '--test-timeout=300000'], 'spec', 1200),
  ];

  function tests(name: string, patterns: readonly string[], flags: readonly string[], reporter: string, limit: number): Stage {
    const files = globSync(patterns)
      .filter((path) => filter.length === 0 || filter.some((part) => path.includes(part)))
      .toSorted();
    const countsPath = `${scratch}/${name}.json`;
    const reporters = ['--test-reporter', reporter, '--test-reporter-destination', 'stdout'];
    const counting = ['--test-reporter', './scripts/counts.ts', '--test-reporter-destination', countsPath];
    return {
      name,
      command: [process.execPath, '--test', ...flags, ...reporters, ...counting, ...files],
      limit,
      tests: { countsPath, files },
    };
  }
}

/** What is wrong with a run of tests that ended well by its own account; undefined when nothing is. */
export function complaint(counts: Counts | undefined): string | undefined {
  if (counts === undefined) return 'it ended without its counts';
  if (counts.tests === 0) return 'no test ran';
  // A test that is skipped for want of something proves nothing where it matters.
  if (counts.skipped + counts.todo > 0) return `${counts.skipped + counts.todo} tests were skipped or are to be done`;
  if (counts.failed + counts.cancelled > 0) return `${counts.failed + counts.cancelled} tests failed`;
  return undefined;
}

export function readCounts(path: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}
