import { Option } from 'commander';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatTime } from './format.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { toFields } from './table.ts';
import { verdictStyle } from './verdict.ts';

interface AlertOptions extends PageOptions {
  readonly monitor?: string;
  readonly state?: 'pending' | 'firing' | 'resolved';
}

export function addAlertCommands(alert: Command, context: Context): void {
  addPageOptions(
    alert
      .command('list')
      .description('List alerts, newest first')
      .option('--monitor <name>', 'only of this monitor')
      .addOption(new Option('--state <state>', 'only in this state').choices(['pending', 'firing', 'resolved'])),
  ).action(async (options: AlertOptions) => {
    const page = await (await context.client()).alert.list({ ...pageOf(options), monitor: options.monitor, state: options.state });
    context.table(
      page,
      [
        { title: 'ALERT', value: (one) => one.id },
        { title: 'MONITOR', value: (one) => one.monitor },
        { title: 'KIND', value: (one) => one.kind },
        { title: 'VERSION', value: (one) => one.version, align: 'right' },
        { title: 'STATE', value: (one) => one.state, style: (one) => verdictStyle(one.state) },
        { title: 'SINCE', value: (one) => formatTime(one.fired_at ?? one.pending_at) },
        { title: 'SUMMARY', value: (one) => one.summary },
      ],
      'No alert.',
    );
  });

  alert
    .command('show')
    .description('Show an alert with its evidence')
    .argument('<alert>', 'id')
    .action(async (id: string) => {
      const one = await (await context.client()).alert.get({ alert: id });
      context.answer(
        one,
        () =>
          `${toFields([
            ['Alert', one.id],
            ['Monitor', one.monitor],
            ['Kind', one.kind],
            ['Model version', one.version],
            ['State', one.state],
            ['Pending', formatTime(one.pending_at)],
            ['Fired', formatTime(one.fired_at)],
            ['Resolved', formatTime(one.resolved_at)],
            ['Summary', one.summary],
          ])}\n\nEvidence\n${JSON.stringify(one.evidence, null, 2)}`,
      );
    });
}
