import type { Client } from '@pawl/client';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatDuration, formatTime } from './format.ts';
import { addPair, addPageOptions, pageOf, toWhole } from './options.ts';
import type { PageOptions } from './options.ts';
import { toTable } from './table.ts';
import type { Style } from './text.ts';

const STYLES: Readonly<Record<string, Style>> = { started: 'good', merged: 'dim', waiting: 'warn', dropped: 'dim' };

export function addTriggerCommands(pipeline: Command, context: Context): void {
  addPageOptions(pipeline.command('triggers').description('List triggers, or what one decided, newest first').argument('[trigger]')).action(
    async (name: string | undefined, options: PageOptions) => {
      const client = await context.client();
      if (name !== undefined) return showDecisions(context, client, name, options);
      context.table(
        await client.trigger.list(pageOf(options)),
        [
          { title: 'TRIGGER', value: (one) => one.name },
          { title: 'PIPELINE', value: (one) => one.pipeline },
          { title: 'ON', value: toSource },
          { title: 'NEXT', value: (one) => formatTime(one.next_fire) },
          { title: 'COOL-DOWN', value: (one) => (one.cooldown_ms === 0 ? '' : formatDuration(one.cooldown_ms)) },
          { title: 'RUNS AT ONCE', value: (one) => `${one.concurrency.max_active}, ${one.concurrency.policy}` },
          { title: 'A DAY', value: (one) => one.budget, align: 'right' },
        ],
        'No trigger yet; declare one in a pipeline and run "pawl apply".',
      );
    },
  );

  pipeline
    .command('fire')
    .description('Give a trigger an event by hand; it is decided on as any other')
    .argument('<trigger>')
    .option('-d, --data <name=value>', 'data of the event; repeat for more', addPair)
    .option('--note <text>', 'why', '')
    .action(async (trigger: string, { data, note }: { data?: Readonly<Record<string, string>>; note: string }) => {
      const answer = await (await context.client()).trigger.fire({ trigger, data: data ?? {}, note });
      context.answer(answer, () => `Event ${answer.event} reached ${trigger}; "pawl pipeline triggers ${trigger}" tells what became of it`);
    });

  pipeline
    .command('trigger-secret')
    .description('Make the secret that messages to a webhook trigger are signed with; the one before ends')
    .argument('<trigger>')
    .action(async (trigger: string) => {
      const client = await context.client();
      const answer = await client.trigger.renewSecret({ trigger });
      context.answer(
        answer,
        () =>
          `${answer.secret}\nIt is shown this once. Messages go to ${context.server}/api/v1/triggers/${encodeURIComponent(trigger)}/events`,
      );
    });

  addPageOptions(pipeline.command('causes').description('List the events that became a run, oldest first').argument('<run>', 'id')).action(
    async (run: string, options: PageOptions) => {
      context.table(
        await (await context.client()).trigger.causes({ run, ...pageOf(options) }),
        [
          { title: 'AT', value: (one) => formatTime(one.at) },
          { title: 'TRIGGER', value: (one) => one.trigger },
          { title: 'EVENT', value: (one) => one.event },
          { title: 'WHAT HAPPENED', value: (one) => one.note },
        ],
        'No trigger started it.',
      );
    },
  );

  pipeline
    .command('cron')
    .description('Show the next moments of a cron line')
    .argument('<line>', 'five fields: minute hour day month weekday')
    .option('--timezone <name>', 'IANA name', 'UTC')
    .option('--count <number>', 'how many', toWhole, 5)
    .action(async (line: string, { timezone, count }: { timezone: string; count: number }) => {
      const { createCalendar } = await import('@pawl/drivers');
      const calendar = await createCalendar();
      const problem = calendar.problem(line, timezone);
      if (problem !== undefined) throw new UsageError(`${problem}.`);
      const items: { readonly at: string; readonly local: string }[] = [];
      let next = calendar.next(line, timezone, Date.now());
      while (next !== undefined && items.length < Math.min(count, 1000)) {
        items.push({ at: new Date(next).toISOString(), local: calendar.local(next, timezone) });
        next = calendar.next(line, timezone, next);
      }
      context.answer({ items }, () =>
        toTable(
          items,
          [
            { title: 'UTC', value: (one) => formatTime(one.at) },
            { title: timezone.toUpperCase(), value: (one) => one.local.replace('T', ' ') },
          ],
          context.look,
        ),
      );
    });
}

async function showDecisions(context: Context, client: Client, trigger: string, options: PageOptions): Promise<void> {
  context.table(
    await client.trigger.decisions({ trigger, ...pageOf(options) }),
    [
      { title: 'AT', value: (one) => formatTime(one.at) },
      { title: 'DECISION', value: (one) => one.decision, style: (one) => STYLES[one.decision] },
      { title: 'STAGE', value: (one) => one.stage },
      { title: 'REASON', value: (one) => one.reason },
      { title: 'RUN', value: (one) => one.run },
      { title: 'EVENT', value: (one) => one.event },
    ],
    'It has decided nothing yet.',
  );
}

type Trigger = Awaited<ReturnType<Client['trigger']['get']>>;

/** What a trigger waits for, in a few words. */
function toSource({ on }: Trigger): string {
  const text = (name: string): string => {
    const value = on[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const list = (name: string): readonly string[] => {
    const value = on[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  switch (on['kind']) {
    case 'schedule':
      return text('cron') === '' ? `every ${formatDuration(Number(text('everyMs')))}` : `${text('cron')} (${text('timezone')})`;
    case 'alert':
      return `alerts of ${text('monitor')} (${list('kinds').join(', ') || 'any'})`;
    case 'dataset':
      return `data: ${list('datasets').join(text('need') === 'all' ? ' and ' : ' or ')}`;
    case 'labels':
      return `${text('count')} labels of ${text('endpoint')}`;
    case 'model':
      return `model ${text('model')} at ${[text('stage'), text('alias')].filter((one) => one !== '').join(' or ')}`;
    case 'pipeline':
      return `pipeline ${text('pipeline')} ${list('states').join(', ')}`;
    case 'webhook':
      return `webhook (${text('format')})`;
    case 'file':
      return `files ${text('folder')}/${text('pattern')}`;
    default:
      return 'manual';
  }
}
