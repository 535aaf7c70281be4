import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatNumber, formatTime } from './format.ts';
import { pageOf } from './options.ts';
import { addTableOptions, experimentNames, showTable, toSearch } from './run-table.ts';
import type { TableOptions } from './run-table.ts';
import type { Column } from './table.ts';

export function addRunSearchCommands(run: Command, context: Context): void {
  addTableOptions(
    run
      .command('search')
      .description('Find runs by what was logged to them')
      .argument('[filter]', `such as "metrics.f1 > 0.9 AND params.kind = 'a'"; AND, OR, NOT, parentheses, LIKE, IN, IS NULL`),
  ).action(async (filter: string | undefined, options: TableOptions) => {
    if (options.column.length > 0 || options.csv === true) return showTable(context, filter ?? '', options);
    const { metric } = options;
    const client = await context.client();
    const columns = { metrics: [...metric], params: [], tags: [] };
    const page = await client.run.search({ ...pageOf(options), ...toSearch(filter ?? '', options), columns });
    const names = context.json
      ? new Map<number, string>()
      : await experimentNames(
          client,
          page.items.map(({ run: one }) => one),
        );
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
        { title: 'EXPERIMENT', value: (one) => names.get(one.run.experiment) },
        { title: 'STATUS', value: (one) => one.run.status },
        { title: 'STARTED', value: (one) => formatTime(one.run.started_at) },
        ...shown,
      ],
      'No run is like this.',
    );
  });
}
