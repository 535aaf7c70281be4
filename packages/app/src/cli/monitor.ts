import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatCount, formatDuration, formatNumber, formatShare, formatTime } from './format.ts';
import { addPageOptions, pageOf, toWhole } from './options.ts';
import type { PageOptions } from './options.ts';
import { verdictStyle } from './verdict.ts';

export function addMonitorCommands(monitor: Command, context: Context): void {
  addPageOptions(monitor.command('list').description('List monitors')).action(async (options: PageOptions) => {
    const page = await (await context.client()).monitor.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'MONITOR', value: (one) => one.name },
        { title: 'ENDPOINT', value: (one) => one.endpoint },
        { title: 'WINDOW', value: (one) => formatDuration(one.bucket_ms * one.window_buckets) },
        { title: 'LEAST ROWS', value: (one) => formatCount(one.min_rows), align: 'right' },
        { title: 'PSI OF NO INTEREST', value: (one) => formatNumber(one.drift.delta), align: 'right' },
        { title: 'FEATURES', value: (one) => (one.drift.features.length === 0 ? 'every numeric input' : one.drift.features.join(', ')) },
        { title: 'WEBHOOK', value: (one) => one.webhook },
      ],
      'No monitor yet; declare one under monitors/ and run "pawl apply".',
    );
  });

  addPageOptions(
    monitor
      .command('windows')
      .description('List closed windows, newest first, with drift and quality')
      .argument('<monitor>')
      .option('--version <number>', 'only of this model version', toWhole),
  ).action(async (name: string, options: PageOptions & { readonly version?: number }) => {
    const page = await (await context.client()).monitor.windows({ monitor: name, version: options.version, ...pageOf(options) });
    context.table(
      page,
      [
        { title: 'START', value: (one) => formatTime(one.start) },
        { title: 'END', value: (one) => formatTime(one.end) },
        { title: 'VERSION', value: (one) => one.version, align: 'right' },
        { title: 'ROWS', value: (one) => formatCount(one.rows), align: 'right' },
        { title: 'STATUS', value: (one) => one.status.replaceAll('_', ' '), style: (one) => verdictStyle(one.status) },
        { title: 'FLAGGED', value: (one) => toFlagged(one.drift) },
        { title: 'LABELLED', value: (one) => formatCount(total(one.quality)), align: 'right' },
        {
          title: 'PRECISION',
          value: ({ quality }) => share(quality.true_positive, quality.true_positive + quality.false_positive),
          align: 'right',
        },
        {
          title: 'RECALL',
          value: ({ quality }) => share(quality.true_positive, quality.true_positive + quality.false_negative),
          align: 'right',
        },
        {
          title: 'FALSE POSITIVES',
          value: ({ quality }) => share(quality.false_positive, quality.false_positive + quality.true_negative),
          align: 'right',
        },
      ],
      'No window has closed yet.',
    );
  });
}

interface Quality {
  readonly true_positive: number;
  readonly false_positive: number;
  readonly true_negative: number;
  readonly false_negative: number;
}

const total = (quality: Quality): number => quality.true_positive + quality.false_positive + quality.true_negative + quality.false_negative;

const share = (part: number, whole: number): string | null => (whole === 0 ? null : formatShare(part / whole));

function toFlagged(drift: readonly { readonly feature: string; readonly effect: number | string; readonly flagged: boolean }[]): string {
  const flagged = drift.filter((one) => one.flagged).toSorted((a, b) => Number(b.effect) - Number(a.effect));
  const shown = flagged.slice(0, 3).map(({ feature, effect }) => `${feature} ${formatNumber(Number(effect))}`);
  return flagged.length === 0
    ? `0 of ${drift.length}`
    : `${shown.join(', ')}${flagged.length > shown.length ? ` and ${flagged.length - shown.length} more` : ''}`;
}
