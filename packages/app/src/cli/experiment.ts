import type { Command } from 'commander';
import { currentRun } from '../config/environment.ts';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatSpan, formatTime, plural } from './format.ts';
import { addPageOptions, addPair, pageOf, toNatural } from './options.ts';
import type { PageOptions } from './options.ts';
import { addRunExec } from './run-exec.ts';
import { addRunLogs } from './run-logs.ts';
import { addRunSearchCommands } from './run-search.ts';
import { addRunShow } from './run-show.ts';
import type { Style } from './text.ts';

interface LogOptions {
  readonly param?: Readonly<Record<string, string>>;
  readonly tag?: Readonly<Record<string, string>>;
  readonly metric?: Readonly<Record<string, string>>;
  readonly step?: number;
}

export function addRunCommands(run: Command, context: Context): void {
  addRunSearchCommands(run, context);
  addRunShow(run, context);
  addRunExec(run, context);
  addRunLogs(run, context);
  addPageOptions(
    run.command('list').description('List runs, newest first').option('--experiment <name>', 'only of this experiment, by name or number'),
  ).action(async (options: PageOptions & { readonly experiment?: string }) => {
    const page = await (await context.client()).run.list({ ...pageOf(options), experiment: options.experiment });
    context.table(
      page,
      [
        { title: 'RUN', value: (one) => one.id },
        { title: 'NAME', value: (one) => one.name },
        { title: 'STATUS', value: (one) => one.status, style: (one) => statusStyle(one.status) },
        { title: 'STARTED', value: (one) => formatTime(one.started_at) },
        { title: 'TOOK', value: (one) => formatSpan(one.started_at, one.ended_at, Date.now()), align: 'right' },
        {
          title: 'COMMIT',
          value: (one) => (one.code === null ? null : one.code.commit.slice(0, 10) + (one.code.patch === null ? '' : '+')),
        },
      ],
      'No run yet.',
    );
  });

  run
    .command('log')
    .description('Record parameters, metrics and tags in a running run')
    .argument('[run]', 'id (default: the run of the step or command this runs in)')
    .option('-p, --param <name=value>', 'parameter; repeat for more', addPair)
    .option('-m, --metric <name=number>', 'metric; repeat for more', addPair)
    .option('-t, --tag <name=value>', 'tag; repeat for more', addPair)
    .option('--step <number>', 'step of the metrics (default: 0)', toNatural)
    .action(async (given: string | undefined, { param, tag, metric = {}, step = 0 }: LogOptions) => {
      const id = given ?? currentRun();
      if (id === undefined)
        throw new UsageError('Name the run: outside of a pipeline step and of "pawl run exec" there is no run of its own.');
      const metrics = Object.entries(metric).map(([key, value]) => {
        if (value.trim() === '' || Number.isNaN(Number(value))) throw new UsageError(`--metric ${key}=${value} is not a number.`);
        return { key, value: Number(value), step };
      });
      const answer = await (await context.client()).run.record({ run: id, params: param, tags: tag, metrics });
      context.answer(
        answer,
        () =>
          `Recorded in run ${id}: ${plural(Object.keys(param ?? {}).length, 'parameter')}, ${plural(metrics.length, 'metric')}, ${plural(Object.keys(tag ?? {}).length, 'tag')}`,
      );
    });
}

function statusStyle(status: string): Style | undefined {
  return status === 'finished' ? 'good' : status === 'running' ? 'warn' : 'bad';
}
