import type { Command } from 'commander';
import { addBackfillCommands } from './backfill.ts';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatSpan, formatTime } from './format.ts';
import { addPageOptions, addPair, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { addPipelineEnvs } from './pipeline-envs.ts';
import { addPipelineControl } from './pipeline-control.ts';
import { addPipelineLogs } from './pipeline-logs.ts';
import { toRunText, waitForRun } from './pipeline-run.ts';
import { addPipelineValidate } from './pipeline-validate.ts';
import { toTable } from './table.ts';
import { addTriggerCommands } from './trigger.ts';
import { verdictStyle } from './verdict.ts';

interface StartOptions {
  readonly param?: Readonly<Record<string, string>>;
  readonly dataset?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly note?: string;
  readonly cache: boolean;
  readonly wait?: boolean;
}

export function addPipelineCommands(pipeline: Command, context: Context): void {
  addPageOptions(pipeline.command('list').description('List pipelines')).action(async (options: PageOptions) => {
    const page = await (await context.client()).pipeline.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'PIPELINE', value: (one) => one.name },
        { title: 'STEPS', value: (one) => one.steps.map(({ name }) => name).join(' → ') },
        { title: 'EXPERIMENT', value: (one) => one.experiment },
        { title: 'UPDATED', value: (one) => formatTime(one.updated_at) },
      ],
      'No pipeline yet; declare one under pipelines/ and run "pawl apply".',
    );
  });

  pipeline
    .command('run')
    .description('Start a run; with --wait, exit code 1 when it does not succeed')
    .argument('<name>')
    .option('-p, --param <name=value>', 'parameter; repeat for more', addPair)
    .option('--dataset <name=version>', 'pin a dataset to a version (default: its latest); repeat for more', addPair)
    .option('--key <text>', 'starting again under it gives the same run')
    .option('--note <text>', 'why')
    .option('--no-cache', 'run every step, whatever the cache holds')
    .option('--wait', 'until it has ended')
    .action(async (name: string, { param, dataset, key, note, cache, wait }: StartOptions) => {
      const client = await context.client();
      const answer = await client.pipeline.start({
        pipeline: name,
        params: param,
        datasets: toVersions(dataset),
        key,
        note,
        no_cache: !cache,
      });
      if (wait === true) return waitForRun(context, client, answer.run.id);
      context.answer(
        answer,
        () =>
          `Run ${answer.run.id} of ${name} ${answer.created ? 'started' : `was started already under this key and is ${answer.run.state}`}`,
      );
    });

  addPageOptions(pipeline.command('runs').description('List runs, newest first').argument('[pipeline]')).action(
    async (name: string | undefined, options: PageOptions) => {
      const page = await (await context.client()).pipeline.runs({ ...pageOf(options), pipeline: name });
      context.table(
        page,
        [
          { title: 'RUN', value: (one) => one.id },
          { title: 'PIPELINE', value: (one) => one.pipeline },
          { title: 'STATE', value: (one) => one.state, style: (one) => verdictStyle(one.state) },
          { title: 'STARTED', value: (one) => formatTime(one.created_at) },
          { title: 'TOOK', value: (one) => formatSpan(one.created_at, one.ended_at, Date.now()), align: 'right' },
          { title: 'BY', value: (one) => one.cause.actor },
          { title: 'NOTE', value: (one) => one.cause.note },
        ],
        'No run yet; start one with "pawl pipeline run NAME".',
      );
    },
  );

  pipeline
    .command('show')
    .description('Show a run and its tasks')
    .argument('<run>', 'id')
    .action(async (id: string) => {
      const answer = await (await context.client()).pipeline.run({ run: id });
      context.answer(answer, () => toRunText(answer, context.look, Date.now()));
    });

  pipeline
    .command('retry')
    .description('Run what did not succeed again')
    .argument('<run>', 'id')
    .option('--wait', 'until it has ended')
    .action(async (id: string, { wait }: { wait?: boolean }) => {
      const client = await context.client();
      const answer = await client.pipeline.retry({ run: id });
      if (wait === true) return waitForRun(context, client, id);
      context.answer(answer, () => `Run ${answer.id} is ${answer.state}`);
    });

  pipeline
    .command('cancel')
    .description('Stop a run')
    .argument('<run>', 'id')
    .action(async (id: string) => {
      const answer = await (await context.client()).pipeline.cancel({ run: id });
      context.answer(answer, () => `Run ${answer.id} is ${answer.state}`);
    });

  pipeline
    .command('explain')
    .description('Tell why each step ran, was taken from the cache, or did not run')
    .argument('<run>', 'id')
    .action(async (id: string) => {
      const answer = await (await context.client()).pipeline.explain({ run: id });
      context.answer(answer, () =>
        toTable(
          answer.steps,
          [
            { title: 'STEP', value: (one) => one.step },
            { title: 'STATE', value: (one) => one.state, style: (one) => verdictStyle(one.state) },
            { title: 'WHY', value: (one) => one.reason },
          ],
          { width: undefined, color: context.look.color },
        ),
      );
    });

  addPipelineControl(pipeline, context);
  addPipelineLogs(pipeline, context);
  addPipelineEnvs(pipeline, context);
  addPipelineValidate(pipeline, context);
  addTriggerCommands(pipeline, context);
  addBackfillCommands(pipeline, context);
}

function toVersions(pinned: Readonly<Record<string, string>> | undefined): Readonly<Record<string, number>> | undefined {
  if (pinned === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(pinned).map(([name, version]) => {
      if (!/^[1-9][0-9]{0,8}$/.test(version)) throw new UsageError(`--dataset ${name}=${version} does not name a version: use a number.`);
      return [name, Number(version)];
    }),
  );
}
