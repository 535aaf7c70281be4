import { writeFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { JsonObject, JsonValue } from '@pawl/core';
import type { Context } from './context.ts';
import { fromCheckRun, reportFormats, toReportText, toWords } from '../report/check/report.ts';
import type { CheckReport, ReportFormat } from '../report/check/report.ts';
import { addInferCommand } from './check-infer.ts';
import { addSuiteCommands } from './check-suite.ts';
import { toCheckTable } from './check-table.ts';
import { Failed, UsageError } from './exit.ts';
import { toVersion } from './dataset/view.ts';
import { addPageOptions, addPair, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';

interface RunOptions {
  readonly folder?: string;
  readonly environment?: string;
  readonly again?: boolean;
  readonly with?: Readonly<Record<string, string>>;
  readonly parameter?: Readonly<Record<string, string>>;
  readonly format?: ReportFormat;
  readonly output?: string;
}

const FORMAT = (): Option => new Option('--format <format>', 'write a report instead of the table').choices([...reportFormats]);

export function addCheckCommands(check: Command, context: Context): void {
  addPageOptions(check.command('list').description('List check suites')).action(async (options: PageOptions) => {
    const page = await (await context.client()).check.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'SUITE', value: (one) => one.name },
        { title: 'DATASET', value: (one) => one.dataset },
        { title: 'EXPECTATIONS', value: (one) => one.expectations.length, align: 'right' },
        { title: 'NEW VERSIONS', value: (one) => (one.automatic === true ? 'judged' : '') },
        { title: 'ENVIRONMENTS', value: (one) => Object.keys(one.environments ?? {}).join(', ') },
      ],
      'No check suite yet; declare one under checks/ and run "pawl apply".',
    );
  });

  check
    .command('run')
    .description('Judge a version by a suite, or a file by the file of a suite; exit code 1 when it does not pass')
    .argument('<suite>', "a suite's name; or a file: ours, or Great Expectations' JSON, and no server is needed")
    .argument('<data>', 'dataset[:version]; or a file, folder or pattern when the suite is a file')
    .option('--folder <path>', 'the table to judge, when the version holds several')
    .option('--environment <name>', 'ask only what holds there, such as serving')
    .option('--again', 'judge a version anew that was judged before')
    .option('--with <name=path>', 'a file in the place of another table that the suite names; may be repeated', addPair)
    .option('--parameter <name=value>', "a value of a parameter of Great Expectations' suite; may be repeated", addPair)
    .addOption(FORMAT())
    .option('-o, --output <file>', 'write the report there')
    .action(async (suite: string, data: string, options: RunOptions) => {
      const report = await (isFile(suite) ? runLocally(suite, data, options) : runOnServer(context, suite, data, options));
      await write(context, [report], options, () => toCheckTable(report, context.look));
      if (report.verdict !== 'passed') throw new Failed();
    });

  check
    .command('report')
    .description('Report the verdicts on a version')
    .argument('<dataset[:version]>', 'the latest when no version is named')
    .option('--suite <name>', 'only this one')
    .addOption(FORMAT())
    .option('-o, --output <file>', 'write the report there')
    .action(async (text: string, options: RunOptions & { readonly suite?: string }) => {
      const client = await context.client();
      const { items } = await client.dataset.checks({ ...toVersion(text), limit: 1000 });
      const reports = items.filter((one) => options.suite === undefined || one.suite === options.suite).map(fromCheckRun);
      if (reports.length === 0) throw new UsageError(`No verdict on ${text} yet; judge it with "pawl check run SUITE ${text}".`);
      await write(context, reports, options, () => reports.map((report) => toCheckTable(report, context.look)).join('\n\n'));
    });

  addSuiteCommands(check, context);
  addInferCommand(check, context);
}

function isFile(suite: string): boolean {
  return /\.(ya?ml|json)$/i.test(suite);
}

async function runOnServer(context: Context, suite: string, dataset: string, options: RunOptions): Promise<CheckReport> {
  const { folder, environment, again } = options;
  if (options.with !== undefined || options.parameter !== undefined)
    throw new UsageError('--with and --parameter are for a suite that is a file; a server knows its own.');
  return fromCheckRun(await (await context.client()).check.run({ suite, dataset, folder, environment, again }, { signal: context.signal }));
}

async function runLocally(file: string, data: string, options: RunOptions): Promise<CheckReport> {
  if (options.folder !== undefined || options.again !== undefined)
    throw new UsageError('--folder and --again are for versions on a server; name the file or folder itself.');
  const [{ loadSuite }, { checkLocally }] = await Promise.all([import('../project/load.ts'), import('./check-local.ts')]);
  const suite = await loadSuite(file, toParameters(options.parameter ?? {}));
  return checkLocally(suite, data, { environment: options.environment ?? null, others: options.with ?? {} });
}

/** A value that reads as JSON is that, anything else a text. */
function toParameters(given: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]): [string, JsonValue] => {
      try {
        return [name, JSON.parse(text) as JsonValue];
      } catch {
        return [name, text];
      }
    }),
  );
}

/** A report goes to its file, or to standard output; without a format the table does. */
async function write(
  context: Context,
  reports: readonly CheckReport[],
  { format, output }: RunOptions,
  toTable: () => string,
): Promise<void> {
  if (format === undefined && output === undefined) return context.answer(reports.length === 1 ? reports[0] : reports, toTable);
  const text = await toReportText(reports, format ?? toFormat(output ?? ''));
  if (output === undefined) return void process.stdout.write(text);
  await writeFile(output, text).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${output} cannot be written (${error.code ?? 'no reason given'}); name another file.`);
  });
  context.answer({ output, verdicts: reports.map(({ subject, suite, verdict }) => ({ subject, suite, verdict })) }, () =>
    reports
      .map(
        (one) =>
          `${one.subject} by ${one.suite}: ${one.verdict} (${
            one.results
              .filter((result) => result.outcome !== 'passed')
              .map((result) => toWords(result, 60))
              .slice(0, 3)
              .join('; ') || 'all met'
          }), in ${output}`,
      )
      .join('\n'),
  );
}

/** By the ending of the file. */
function toFormat(file: string): ReportFormat {
  if (/\.html?$/i.test(file)) return 'html';
  if (/\.xml$/i.test(file)) return 'junit';
  return /\.md$/i.test(file) ? 'markdown' : 'json';
}
