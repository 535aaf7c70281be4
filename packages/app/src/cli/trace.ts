import type { Command } from 'commander';
import type { TraceGet } from '@pawl/client';
import { UsageError } from './exit.ts';
import type { Context } from './context.ts';
import { formatDuration, formatTime, plural } from './format.ts';
import { addPageOptions, addPair, pageOf, toMoment, toWhole } from './options.ts';
import type { PageOptions } from './options.ts';
import { toFields } from './table.ts';
import { toSpanTree } from './trace-tree.ts';

interface SearchOptions extends PageOptions {
  readonly experiment: readonly string[];
  readonly order: readonly string[];
}

interface DeleteOptions {
  readonly experiment?: string;
  readonly until?: string;
  readonly most?: number;
  readonly dryRun?: true;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addTraceCommands(trace: Command, context: Context): void {
  async function find(filter: string, { experiment, order, ...page }: SearchOptions): Promise<void> {
    const client = await context.client();
    const found = await client.trace.search({
      ...pageOf(page),
      experiments: experiment.length === 0 ? ['Default'] : [...experiment],
      filter,
      order_by: [...order],
    });
    context.table(
      found,
      [
        { title: 'TRACE', value: (one) => one.id },
        { title: 'NAME', value: (one) => one.name },
        { title: 'STATE', value: (one) => one.state, style: (one) => (one.state === 'error' ? 'bad' : undefined) },
        { title: 'STARTED', value: (one) => formatTime(one.started_at) },
        { title: 'TOOK', value: (one) => (one.duration_ms === null ? null : formatDuration(one.duration_ms)), align: 'right' },
        { title: 'SPANS', value: (one) => one.spans, align: 'right' },
        { title: 'REQUEST', value: (one) => one.request },
      ],
      filter === '' ? 'No program has sent a trace to this experiment yet.' : 'No trace is like this.',
    );
  }

  const withSearch = (command: Command): Command =>
    addPageOptions(command)
      .option('--experiment <name>', 'experiment by name or number; repeat for more (default: Default)', collect, [])
      .option('--order <column>', 'such as "execution_time_ms DESC"; repeat for more (default: newest first)', collect, []);

  withSearch(trace.command('list').description('List traces, newest first')).action((options: SearchOptions) => find('', options));

  withSearch(
    trace
      .command('search')
      .description('Find traces by attributes, tags, metadata, spans and assessments')
      .argument('<filter>', `such as "state = 'ERROR' AND span.type = 'LLM'"; AND, OR, NOT, parentheses, LIKE, RLIKE, IN, IS NULL`),
  ).action((filter: string, options: SearchOptions) => find(filter, options));

  trace
    .command('show')
    .description('Show a trace with the tree of its spans')
    .argument('<trace>', 'id')
    .action(async (id: string) => {
      const answer = await (await context.client()).trace.get({ trace: id });
      context.answer(answer, () => [toHead(answer.trace), toSpanTree(answer.spans, context.look)].join('\n\n'));
    });

  trace
    .command('tag')
    .description('Set and remove tags of a trace')
    .argument('<trace>', 'id')
    .option('--set <key=value>', 'set a tag; repeat for more', addPair)
    .option('--remove <key>', 'remove a tag; repeat for more', collect, [])
    .action(
      async (id: string, { set, remove }: { readonly set?: Readonly<Record<string, string>>; readonly remove: readonly string[] }) => {
        if (set === undefined && remove.length === 0) throw new UsageError('Nothing to change: use --set key=value or --remove key.');
        const answer = await (await context.client()).trace.tag({ trace: id, set: { ...set }, remove: [...remove] });
        context.answer(answer, () => toTags(answer.tags) || 'It has no tag.');
      },
    );

  trace
    .command('delete')
    .description('Delete traces for good, with their spans, assessments and files')
    .argument('[trace...]', 'ids')
    .option('--experiment <name>', 'the old ones of this experiment, by name or number')
    .option('--until <time>', 'only those that began then or before', toMoment)
    .option('--most <count>', 'at most so many, the oldest', toWhole)
    .option('--dry-run', 'only count')
    .action(async (ids: readonly string[], { experiment, until, most, dryRun }: DeleteOptions) => {
      const byAge = experiment !== undefined && until !== undefined;
      if (ids.length > 0 === byAge) throw new UsageError('Name traces, or an experiment and a time: --experiment <name> --until <time>.');
      const answer = await (
        await context.client()
      ).trace.delete({
        ...(byAge ? { experiment, until } : { traces: [...ids] }),
        ...(most === undefined ? {} : { most }),
        dry_run: dryRun === true,
      });
      context.answer(answer, () => `${answer.dry_run ? 'Would delete' : 'Deleted'} ${plural(answer.deleted, 'trace')}`);
    });
}

function toHead(trace: TraceGet['trace']): string {
  const fields = toFields([
    ['trace', trace.id],
    ['name', trace.name],
    ['state', trace.state],
    ['experiment', trace.experiment],
    ['started', formatTime(trace.started_at)],
    ['took', trace.duration_ms === null ? null : formatDuration(trace.duration_ms)],
    ['request', trace.request],
    ['response', trace.response],
    ['tags', toTags(trace.tags)],
  ]);
  const judged = trace.assessments.map((one) => {
    const said = JSON.stringify(one.error === null ? one.value : one.error.code);
    return `  ${one.kind} ${one.name} = ${said}  by ${one.source.type.toLowerCase()} ${one.source.id}${one.valid ? '' : ' (overridden)'}`;
  });
  return [fields, ...judged].join('\n');
}

function toTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .filter(([key]) => !key.startsWith('mlflow.'))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
