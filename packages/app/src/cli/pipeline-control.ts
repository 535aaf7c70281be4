import type { Command } from 'commander';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatSpan } from './format.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { waitForRun } from './pipeline-run.ts';
import { verdictStyle } from './verdict.ts';

/** A step, or an element of its fan-out as `STEP[INDEX]`. */
export function toTaskName(text: string): { readonly step: string; readonly index?: number } {
  const match = /^(.+)\[([0-9]{1,9})\]$/.exec(text);
  return match === null ? { step: text } : { step: match[1] ?? '', index: Number(match[2]) };
}

/** What people do to a run while it is under way, and running one again. */
export function addPipelineControl(pipeline: Command, context: Context): void {
  for (const [name, description] of [
    ['pause', 'Start nothing more of a run; what runs goes on'],
    ['resume', 'Let a paused run go on'],
  ] as const) {
    pipeline
      .command(name)
      .description(description)
      .argument('<run>', 'id')
      .action(async (id: string) => {
        const answer = await (await context.client()).pipeline[name]({ run: id });
        context.answer(answer, () => `Run ${answer.id} is ${answer.state}`);
      });
  }

  for (const [name, description] of [
    ['approve', 'Answer a step that asks: what waits for it goes on'],
    ['reject', 'Answer a step that asks: the run fails'],
  ] as const) {
    pipeline
      .command(name)
      .description(description)
      .argument('<run>', 'id')
      .argument('<step>')
      .option('--note <text>', 'why')
      .action(async (id: string, task: string, { note }: { readonly note?: string }) => {
        const { step, index } = toTaskName(task);
        const answer = await (await context.client()).pipeline.decide({ run: id, step, index, approved: name === 'approve', note });
        context.answer(
          answer,
          () => `Step ${task} of run ${id} is ${name === 'approve' ? 'approved' : 'rejected'} by ${answer.worker ?? 'you'}`,
        );
      });
  }

  pipeline
    .command('rerun')
    .description('Start a new run with the definition, parameters and data of an earlier one')
    .argument('<run>', 'id')
    .option('--from <step>', 'the first step that runs again; what does not depend on it keeps its result')
    .option('--no-cache', 'run every step, whatever the cache holds')
    .option('--note <text>', 'why')
    .option('--wait', 'until it has ended')
    .action(
      async (id: string, options: { readonly from?: string; readonly cache: boolean; readonly note?: string; readonly wait?: boolean }) => {
        const { from, cache, note, wait } = options;
        if (from !== undefined && !cache) throw new UsageError('--from keeps results, which --no-cache forbids: give one of the two.');
        const client = await context.client();
        const answer = await client.pipeline.rerun({ run: id, from, no_cache: !cache, note });
        if (wait === true) return waitForRun(context, client, answer.id);
        context.answer(answer, () => `Run ${answer.id} of ${answer.pipeline} started`);
      },
    );

  addPageOptions(
    pipeline.command('elements').description("List the elements of a step's fan-out").argument('<run>', 'id').argument('<step>'),
  ).action(async (run: string, step: string, options: PageOptions) => {
    const page = await (await context.client()).pipeline.elements({ run, step, ...pageOf(options) });
    context.table(
      page,
      [
        { title: 'ELEMENT', value: (one) => `${one.step}[${one.index ?? ''}]` },
        { title: 'STATE', value: (one) => one.state, style: (one) => verdictStyle(one.state) },
        { title: 'ITEM', value: (one) => JSON.stringify(one.item) },
        {
          title: 'TOOK',
          value: (one) => (one.started_at === null ? null : formatSpan(one.started_at, one.ended_at, Date.now())),
          align: 'right',
        },
        { title: 'ATTEMPT', value: (one) => one.attempt, align: 'right' },
        { title: 'ERROR', value: (one) => one.error },
      ],
      'The step has no elements: it is no fan-out, or what it waits for has not ended.',
    );
  });
}
