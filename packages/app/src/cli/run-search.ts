import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatNumber, formatTime } from './format.ts';
import { addPageOptions, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import type { Column } from './table.ts';

interface SearchOptions extends PageOptions {
  readonly experiment: readonly string[];
  readonly filter?: string;
  readonly order: readonly string[];
  readonly metric: readonly string[];
  readonly deleted?: true;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addRunSearchCommands(run: Command, context: Context): void {
  addPageOptions(
    run
      .command('search')
      .description('Find runs by what was logged to them')
      .argument('[filter]', `such as "metrics.f1 > 0.9 AND params.kind = 'a'"; AND, OR, NOT, parentheses, LIKE, IN, IS NULL`)
      .option('--experiment <name>', 'experiment by name or number; repeat for more (default: Default)', collect, [])
      .option('--order <column>', 'such as "metrics.f1 DESC"; repeat for more (default: newest first)', collect, [])
      .option('--metric <key>', 'show this metric; repeat for more', collect, [])
      .option('--deleted', 'deleted runs instead'),
  ).action(async (filter: string | undefined, options: SearchOptions) => {
    const { experiment, order, metric, deleted } = options;
    const page = await (
      await context.client()
    ).run.search({
      ...pageOf(options),
      experiments: experiment.length === 0 ? ['Default'] : [...experiment],
      filter: filter ?? '',
      order_by: [...order],
      lifecycle: deleted === true ? 'deleted' : 'active',
      columns: { metrics: [...metric], params: [], tags: [] },
    });
    type Found = (typeof page.items)[number];
    const shown = metric.map((key): Column<Found> => ({
      title: key,
      value: (one) => {
        const value = one.metrics.find((each) => each.key === key)?.value;
        return value === undefined ? null : formatNumber(Number(value));
      },
      align: 'right',
    }));
    context.table(
      page,
      [
        { title: 'RUN', value: (one) => one.run.id },
        { title: 'NAME', value: (one) => one.run.name },
        { title: 'STATUS', value: (one) => one.run.status },
        { title: 'STARTED', value: (one) => formatTime(one.run.started_at) },
        ...shown,
      ],
      'No run is like this.',
    );
  });

  run
    .command('delete')
    .description('Put a run away; restore brings it back')
    .argument('<run>', 'id')
    .action(async (id: string) => {
      const answer = await (await context.client()).run.delete({ run: id });
      context.answer(answer, () => `Deleted run ${id}; "pawl run restore ${id}" brings it back`);
    });

  run
    .command('restore')
    .description('Bring back a run that was deleted')
    .argument('<run>', 'id')
    .action(async (id: string) => {
      const answer = await (await context.client()).run.restore({ run: id });
      context.answer(answer, () => `Restored run ${id}`);
    });
}
