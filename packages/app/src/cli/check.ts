import type { Command } from 'commander';
import type { CheckRun } from '@pawl/client';
import type { Context } from './context.ts';
import { Failed } from './exit.ts';
import { formatCount, plural } from './format.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { toTable } from './table.ts';
import { paint } from './text.ts';
import type { Style } from './text.ts';

export function addCheckCommands(check: Command, context: Context): void {
  addPageOptions(check.command('list').description('List check suites')).action(async (options: PageOptions) => {
    const page = await (await context.client()).check.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'SUITE', value: (one) => one.name },
        { title: 'DATASET', value: (one) => one.dataset },
        { title: 'EXPECTATIONS', value: (one) => one.expectations.length, align: 'right' },
      ],
      'No check suite yet; declare one under checks/ and run "pawl apply".',
    );
  });

  check
    .command('run')
    .description('Judge a version by a suite; exit code 1 when it does not pass')
    .argument('<suite>')
    .argument('<dataset[:version]>', 'the latest when no version is named')
    .option('--folder <path>', 'the table to judge, when the version holds several')
    .action(async (suite: string, dataset: string, { folder }: { folder?: string }) => {
      const result = await (await context.client()).check.run({ suite, dataset, folder }, { signal: context.signal });
      context.answer(result, () => toReport(result, context));
      if (result.verdict !== 'passed') throw new Failed();
    });
}

function toReport(result: CheckRun, context: Context): string {
  const style = (outcome: string): Style => (outcome === 'passed' ? 'good' : 'bad');
  const failed = result.results.filter((one) => one.outcome !== 'passed').length;
  const verdict = paint(result.verdict, style(result.verdict), context.look.color);
  const title = `${result.dataset}:${result.version} by ${result.suite}: ${verdict} (${failed === 0 ? plural(result.results.length, 'expectation') : `${formatCount(failed)} of ${plural(result.results.length, 'expectation')} not met`})`;
  const table = toTable(
    result.results,
    [
      { title: 'OUTCOME', value: (one) => one.outcome, style: (one) => style(one.outcome) },
      { title: 'EXPECTATION', value: (one) => `${one.expectation.type.replace(/^expect_/, '')}${toArguments(one.expectation.kwargs)}` },
      { title: 'SEVERITY', value: (one) => one.expectation.severity },
      {
        title: 'BROKEN',
        value: (one) => (one.element_count === 0 ? null : `${formatCount(one.unexpected_count)} of ${formatCount(one.element_count)}`),
        align: 'right',
      },
      { title: 'FOUND', value: (one) => one.note ?? toFound(one.samples, one.observed) },
    ],
    context.look,
  );
  return `${title}\n${table}`;
}

function toArguments(kwargs: Readonly<Record<string, unknown>>): string {
  return Object.entries(kwargs)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}

function toFound(samples: readonly unknown[], observed: unknown): string | null {
  if (samples.length > 0)
    return samples
      .slice(0, 5)
      .map((value) => JSON.stringify(value))
      .join(', ');
  return observed === null || observed === undefined ? null : JSON.stringify(observed);
}
