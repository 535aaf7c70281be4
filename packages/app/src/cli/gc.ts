import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client, GcRun } from '@pawl/client';
import type { Context } from './context.ts';
import { Failed, UsageError } from './exit.ts';
import { formatBytes, formatCount, formatSpan, formatTime, plural } from './format.ts';
import { addPageOptions, pageOf, toLength } from './options.ts';
import type { PageOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { toTable } from './table.ts';
import type { Column } from './table.ts';

interface GcOptions {
  readonly olderThan?: number;
  readonly grace?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const POLL_MS = 200;

export function addGcCommands(gc: Command, context: Context): void {
  gc.addHelpText(
    'after',
    '\nOld predictions, events and logs go too, as the server does by itself every hour; its --keep-… settings say when.\n' +
      'What a model version, a pipeline run, a child run or a logged model refers to stays, and so does content that anything names.',
  );
  gc.option('--older-than <length>', 'what was deleted at least this long ago goes (default: 30d)', toLength)
    .option('--grace <length>', 'content sent or asked for within this time stays (default: 1d)', toLength)
    .option('--dry-run', 'tell what would go, and remove nothing')
    .option('--yes', 'do not ask; needed where nobody can be asked')
    .action(async ({ olderThan, grace, dryRun, yes }: GcOptions) => {
      if (dryRun !== true && yes !== true) await confirm(context);
      const client = await context.client();
      const started = await client.gc.start({ older_than_ms: olderThan, grace_ms: grace, dry_run: dryRun === true });
      show(await waitForGc(context, client, started.id));
    });

  addPageOptions(gc.command('list').description('List collections, newest first')).action(async (options: PageOptions) => {
    const page = await (await context.client()).gc.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'STARTED', value: (one) => formatTime(one.started_at) },
        { title: 'TOOK', value: (one) => formatSpan(one.started_at, one.ended_at, Date.now()), align: 'right' },
        { title: 'STATE', value: (one) => `${one.state}${one.dry_run ? ' (dry run)' : ''}` },
        { title: 'REMOVED', value: (one) => formatCount(sum(one, ({ removed }) => removed)), align: 'right' },
        { title: 'SIZE', value: (one) => formatBytes(sum(one, ({ bytes }) => bytes)), align: 'right' },
        { title: 'BY', value: (one) => one.actor },
        { title: 'ID', value: (one) => one.id },
      ],
      'Nothing was collected yet; do it with "pawl gc --dry-run", then "pawl gc".',
    );
  });

  gc.command('show')
    .description('Show a collection, also while it is under way')
    .argument('<id>')
    .action(async (id: string) => show(await (await context.client()).gc.get({ id })));

  const show = (run: GcRun): void => {
    context.answer(run, () => toGcText(run, context));
    if (run.state === 'failed') throw new Failed();
  };
}

/** What is removed cannot come back, so the server it is removed from is named first. Throws UsageError where there is no terminal to ask at. */
async function confirm({ server, signal }: Context): Promise<void> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY)
    throw new UsageError(`This removes for good what was deleted on ${server}; say --yes, or --dry-run to see what would go.`);
  const { createInterface } = await import('node:readline/promises');
  const asking = createInterface({ input: stdin, output: stderr });
  // Ctrl-C and Ctrl-D are a no: the terminal is the reader's now, and sends no signal.
  const left = new AbortController();
  asking.once('close', () => left.abort(new DOMException('Interrupted.', 'AbortError')));
  try {
    const answer = await asking.question(`Remove for good what was deleted on ${server}? It cannot come back. [y/N] `, {
      signal: AbortSignal.any([signal, left.signal]),
    });
    if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was removed.');
  } finally {
    asking.close();
  }
}

async function waitForGc(context: Context, client: Client, id: string): Promise<GcRun> {
  const { signal } = context;
  const progress = createProgress('Collecting:', 0);
  try {
    for (;;) {
      const run = await client.gc.get({ id }, { signal });
      if (run.state !== 'running') return run;
      progress.say(run.phase);
      await pause(POLL_MS, undefined, { signal });
    }
  } finally {
    progress.end();
  }
}

type Line = GcRun['lines'][number];

function toGcText(run: GcRun, context: Context): string {
  const columns: readonly Column<Line>[] = [
    { title: 'KIND', value: (one) => one.kind },
    { title: run.dry_run ? 'WOULD GO' : 'REMOVED', value: (one) => formatCount(one.removed), align: 'right' },
    { title: 'SIZE', value: (one) => (one.bytes === 0 ? '' : formatBytes(one.bytes)), align: 'right' },
    { title: 'STAYS', value: (one) => (one.held === 0 ? '' : formatCount(one.held)), align: 'right' },
    { title: 'BECAUSE OF', value: toReasons },
  ];
  const parts = [run.lines.length === 0 ? '' : toTable(run.lines, columns, context.look)];
  if (run.state === 'running') parts.push(`Under way: ${run.phase}.`);
  if (run.waiting.count > 0)
    parts.push(
      `${plural(run.waiting.count, 'piece')} of content (${formatBytes(run.waiting.bytes)}) that nothing refers to are younger than the grace period and wait.`,
    );
  if (run.state === 'done') parts.push(`${plural(run.kept.count, 'piece')} of content (${formatBytes(run.kept.bytes)}) are referred to.`);
  if (run.problem !== '') parts.push(`It failed: ${run.problem}`);
  if (run.dry_run && run.state === 'done') parts.push('This was a dry run: nothing was removed.');
  return parts.filter((part) => part !== '').join('\n');
}

function toReasons({ examples }: Line): string {
  const reasons = examples.flatMap(({ held_by: hold }) => (hold === null ? [] : [`${hold.kind} ${hold.name}`]));
  const distinct = [...new Set(reasons)];
  return distinct.length > 3 ? `${distinct.slice(0, 3).join(', ')}, …` : distinct.join(', ');
}

function sum(run: GcRun, of: (line: Line) => number): number {
  return run.lines.reduce((total, line) => total + of(line), 0);
}
