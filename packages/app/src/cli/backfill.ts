import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@pawl/client';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Context } from './context.ts';
import { Failed } from './exit.ts';
import { formatSpan, formatTime, plural } from './format.ts';
import { addPageOptions, addPair, pageOf, toWhole } from './options.ts';
import type { PageOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { toFields, toTable } from './table.ts';
import type { Style } from './text.ts';

const POLL_MS = 400;
const STYLES: Readonly<Record<string, Style>> = {
  succeeded: 'good',
  ended: 'good',
  skipped: 'dim',
  running: 'warn',
  paused: 'warn',
  failed: 'bad',
  refused: 'bad',
  canceled: 'bad',
};

interface AskOptions {
  readonly from: string;
  readonly to: string;
  readonly partition: 'hourly' | 'daily' | 'weekly' | 'monthly';
  readonly timezone: string;
  readonly concurrency: number;
  readonly param?: Readonly<Record<string, string>>;
  readonly newestFirst?: boolean;
  readonly force?: boolean;
  readonly key?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

type Status = Awaited<ReturnType<Client['backfill']['get']>>;

export function addBackfillCommands(pipeline: Command, context: Context): void {
  pipeline
    .command('backfill')
    .description('Run a pipeline over the partitions of a range; asking again changes nothing')
    .argument('<name>')
    .requiredOption('--from <date>', '2026-01-31, or 2026-01-31T13:00')
    .requiredOption('--to <date>', 'a date is included, a time is not')
    .addOption(new Option('--partition <size>', 'what a run is about').choices(['hourly', 'daily', 'weekly', 'monthly']).default('daily'))
    .option('--timezone <name>', 'IANA name', 'UTC')
    .option('--concurrency <number>', 'runs at once', toWhole, 1)
    .option('-p, --param <name=value>', 'parameter; repeat for more', addPair)
    .option('--newest-first', 'begin with the last partition')
    .option('--force', 'run what succeeded before again')
    .option('--key <text>', 'tells one request from another of the same')
    .option('--dry-run', 'only list the partitions')
    .option('--wait', 'until it has ended')
    .action(async (name: string, options: AskOptions) => {
      const { from, to, partition, timezone, concurrency } = options;
      const client = await context.client();
      const answer = await client.backfill.ask({
        pipeline: name,
        from,
        to,
        partition,
        timezone,
        concurrency,
        params: options.param ?? {},
        order: options.newestFirst === true ? 'newest' : 'oldest',
        force: options.force === true,
        key: options.key ?? '',
        dry_run: options.dryRun === true,
      });
      const { status, partitions } = answer;
      if (status === null) {
        context.answer(
          answer,
          () =>
            `${toTable(
              partitions,
              [
                { title: 'PARTITION', value: (one) => one.name },
                { title: 'FROM', value: (one) => formatTime(one.start) },
                { title: 'TO', value: (one) => formatTime(one.end) },
              ],
              context.look,
            )}\n${plural(partitions.length, 'run')} to make`,
        );
        return;
      }
      if (options.wait === true) return watch(context, client, status.backfill.id);
      context.answer(
        answer,
        () => `Backfill ${status.backfill.id} ${answer.created ? 'started' : 'was asked for before'}: ${toCounts(status)}`,
      );
    });

  addPageOptions(pipeline.command('backfills').description('List backfills, newest first').argument('[pipeline]')).action(
    async (name: string | undefined, options: PageOptions) => {
      context.table(
        await (await context.client()).backfill.list({ ...pageOf(options), pipeline: name }),
        [
          { title: 'BACKFILL', value: (one) => one.id },
          { title: 'PIPELINE', value: (one) => one.pipeline },
          { title: 'STATE', value: (one) => one.state, style: (one) => STYLES[one.state] },
          { title: 'PARTITIONS', value: (one) => one.partition },
          { title: 'FROM', value: (one) => formatTime(one.from) },
          { title: 'TO', value: (one) => formatTime(one.to) },
          { title: 'TOOK', value: (one) => formatSpan(one.created_at, one.ended_at, Date.now()), align: 'right' },
        ],
        'No backfill yet; start one with "pawl pipeline backfill NAME --from DATE --to DATE".',
      );
    },
  );

  addPageOptions(pipeline.command('backfill-show').description('Show a backfill and its partitions').argument('<backfill>', 'id'))
    .option('--watch', 'until it has ended; exit code 1 when a partition failed')
    .action(async (id: string, options: PageOptions & { readonly watch?: boolean }) => {
      const client = await context.client();
      if (options.watch === true) return watch(context, client, id);
      const status = await client.backfill.get({ backfill: id });
      const page = await client.backfill.partitions({ backfill: id, ...pageOf(options) });
      context.answer({ ...status, partitions: page.items, next: page.next }, () => {
        const more = page.next === undefined ? '' : `\nMore: --after ${page.next}`;
        const table = toTable(
          page.items,
          [
            { title: 'PARTITION', value: (one) => one.name },
            { title: 'STATE', value: (one) => one.state, style: (one) => STYLES[one.state] },
            { title: 'RUN', value: (one) => one.run },
            { title: 'REASON', value: (one) => one.reason },
          ],
          context.look,
        );
        return `${toText(status)}\n\n${table}${more}`;
      });
    });

  for (const [verb, description] of [
    ['pause', 'Start no further run of a backfill; those under way go on'],
    ['resume', 'Go on with a backfill, and run what failed or was canceled again'],
    ['cancel', 'Start no further run of a backfill, and stop those under way'],
  ] as const) {
    pipeline
      .command(`backfill-${verb}`)
      .description(description)
      .argument('<backfill>', 'id')
      .action(async (id: string) => {
        const status = await (await context.client()).backfill[verb]({ backfill: id });
        context.answer(status, () => `Backfill ${id} is ${status.backfill.state}: ${toCounts(status)}`);
      });
  }
}

/** Throws `Failed` when not every partition succeeded. */
async function watch(context: Context, client: Client, id: string): Promise<void> {
  const { signal } = context;
  const progress = createProgress('Backfill', 0);
  let status: Status;
  try {
    for (;;) {
      status = await client.backfill.get({ backfill: id }, { signal });
      if (status.backfill.state !== 'running') break;
      progress.say(`${status.backfill.pipeline}, ${toCounts(status)}`);
      await pause(POLL_MS, undefined, { signal });
    }
  } finally {
    progress.end();
  }
  const ended = status;
  context.answer(ended, () => toText(ended));
  const { succeeded = 0, skipped = 0 } = ended.counts;
  if (succeeded + skipped < totalOf(ended)) throw new Failed();
}

function totalOf({ counts }: Status): number {
  return Object.values(counts).reduce((sum: number, count) => sum + (count ?? 0), 0);
}

function toCounts(status: Status): string {
  const parts = Object.entries(status.counts).map(([state, count]) => `${count} ${state}`);
  return `${plural(totalOf(status), 'partition')} (${parts.join(', ')})`;
}

function toText(status: Status): string {
  const { backfill } = status;
  const fields = toFields([
    ['Backfill', backfill.id],
    ['Range', `${formatTime(backfill.from)} to ${formatTime(backfill.to)}, ${backfill.partition}, ${backfill.timezone}`],
    ['Started', `${formatTime(backfill.created_at)} by ${backfill.actor}`],
    ['Took', formatSpan(backfill.created_at, backfill.ended_at, Date.now())],
    ['Partitions', toCounts(status)],
  ]);
  return `Backfill of ${backfill.pipeline}: ${backfill.state}\n${fields}`;
}
