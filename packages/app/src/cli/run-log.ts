import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { currentRun } from '../config/environment.ts';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { plural } from './format.ts';
import { addPair, toNatural } from './options.ts';

interface Point {
  readonly key: string;
  readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly step?: number;
}

interface LogOptions {
  readonly param?: Readonly<Record<string, string>>;
  readonly tag?: Readonly<Record<string, string>>;
  readonly metric: readonly Point[];
  readonly step?: number;
}

const SPECIAL: Readonly<Record<string, Point['value']>> = {
  nan: 'NaN',
  inf: 'Infinity',
  infinity: 'Infinity',
  '-inf': '-Infinity',
  '-infinity': '-Infinity',
};

/** `loss=0.3`, or `loss=0.3@10` for step 10. */
export function toPoint(text: string, before: readonly Point[]): readonly Point[] {
  const [, key = '', value = '', step] = /^([^=]+)=([^@]*)(?:@([0-9]{1,15}))?$/.exec(text) ?? [];
  const number = SPECIAL[value.trim().toLowerCase()] ?? (value.trim() === '' ? undefined : Number(value));
  if (key === '' || number === undefined || Number.isNaN(number)) throw new InvalidArgumentError('Use name=number, or name=number@step.');
  return [...before, { key, value: number, ...(step === undefined ? {} : { step: Number(step) }) }];
}

export function addRunLogCommand(run: Command, context: Context): void {
  run
    .command('log')
    .description('Record parameters, metrics and tags in a running run')
    .argument('[run]', 'id (default: the run of the step or command this runs in)')
    .option('-p, --param <name=value>', 'parameter; repeat for more', addPair)
    .option('-m, --metric <name=number[@step]>', 'metric, with its step; repeat for more', toPoint, [])
    .option('-t, --tag <name=value>', 'tag; repeat for more', addPair)
    .option('--step <number>', 'step of the metrics that name none (default: 0)', toNatural)
    .action(async (given: string | undefined, { param, tag, metric, step = 0 }: LogOptions) => {
      const id = given ?? currentRun();
      if (id === undefined)
        throw new UsageError('Name the run: outside of a pipeline step and of "pawl run exec" there is no run of its own.');
      const metrics = metric.map((point) => ({ step, ...point }));
      const counts = [Object.keys(param ?? {}).length, metrics.length, Object.keys(tag ?? {}).length] as const;
      if (counts.every((count) => count === 0)) throw new UsageError('Name what to record: --metric, --param or --tag.');
      const answer = await (await context.client()).run.record({ run: id, params: param, tags: tag, metrics });
      context.answer(
        answer,
        () => `Recorded in run ${id}: ${plural(counts[0], 'parameter')}, ${plural(counts[1], 'metric')}, ${plural(counts[2], 'tag')}`,
      );
    });
}
