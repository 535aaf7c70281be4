import type { Command } from 'commander';
import type { Event } from '@pawl/client';
import type { Context } from './context.ts';
import { formatTime } from './format.ts';
import { addPageOptions, pageOf, toNatural } from './options.ts';
import type { PageOptions } from './options.ts';
import { toLine } from './text.ts';

interface EventOptions extends PageOptions {
  readonly follow?: boolean;
  readonly type?: readonly string[];
  readonly subject?: string;
  readonly afterSeq?: number;
}

export function addEventsCommand(events: Command, context: Context): void {
  addPageOptions(events)
    .option('-f, --follow', 'go on with new ones as they happen')
    .option('--type <type...>', 'only of these types, such as alert.fired')
    .option('--subject <subject>', 'only about this; a prefix ends in "/", as in model/spam-filter/')
    .option('--after-seq <number>', 'only after this number', toNatural)
    .action(async (options: EventOptions) => {
      const client = await context.client();
      const filter = { types: options.type?.join(','), subject: options.subject };
      if (options.follow === true) {
        const stream = client.stream('/events/stream', { ...filter, after: options.afterSeq }, { signal: context.signal });
        for await (const { data } of stream) process.stdout.write(`${context.json ? data : toText(JSON.parse(data) as Event)}\n`);
        return;
      }
      const page = await client.event.list({ ...filter, ...pageOf(options), after_seq: options.afterSeq });
      context.table(
        page,
        [
          { title: 'SEQ', value: (one) => one.seq, align: 'right' },
          { title: 'TIME', value: (one) => formatTime(one.time) },
          { title: 'TYPE', value: (one) => one.type },
          { title: 'SUBJECT', value: (one) => one.subject },
          { title: 'ACTOR', value: (one) => one.actor },
          { title: 'DATA', value: (one) => JSON.stringify(one.data) },
        ],
        'Nothing has happened yet.',
      );
    });
}

function toText({ seq, time, type, subject, actor, data }: Event): string {
  return toLine(`${seq}  ${formatTime(time)}  ${type}  ${subject}  ${actor}  ${JSON.stringify(data)}`);
}
