import type { Command } from 'commander';
import type { Context } from './context.ts';
import { formatCount, formatDuration, formatNumber, plural } from './format.ts';
import { addPageOptions, pageOf, toMoment } from './options.ts';
import type { PageOptions } from './options.ts';
import { toTable } from './table.ts';
import type { Column } from './table.ts';

interface JoinOptions {
  readonly entities: string;
  readonly history: string;
  readonly timeColumn: string;
  readonly out: string;
}

export function addFeatureCommands(feature: Command, context: Context): void {
  addPageOptions(feature.command('list').description('List feature views')).action(async (options: PageOptions) => {
    const page = await (await context.client()).feature.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'VIEW', value: (one) => one.name },
        { title: 'ENTITY', value: (one) => one.entity },
        { title: 'DATASET', value: (one) => one.dataset },
        {
          title: 'FEATURES',
          value: (one) => one.features.map(({ name, window_ms }) => `${name} (${formatDuration(window_ms)})`).join(', '),
        },
      ],
      'No feature view yet; declare one under features/ and run "pawl apply".',
    );
  });

  feature
    .command('push')
    .description('Add rows to the online store; a row seen before counts once')
    .argument('<view>')
    .argument('<file>', 'JSON lines, one row a line; - reads standard input')
    .action(async (view: string, file: string) => {
      const client = await context.client();
      const { readRows } = await import('./rows.ts');
      let added = 0;
      let rows = 0;
      for await (const batch of readRows(file)) {
        rows += batch.length;
        added += (await client.feature.push({ view, rows: batch }, { signal: context.signal })).added;
      }
      context.answer({ added }, () => `${plural(rows, 'row')} pushed to ${view}: ${plural(added, 'new event')}`);
    });

  feature
    .command('materialize')
    .description('Add all rows of a dataset version to the online store')
    .argument('<view>')
    .argument('<dataset[:version]>')
    .action(async (view: string, dataset: string) => {
      const answer = await (await context.client()).feature.materialize({ view, dataset }, { signal: context.signal });
      context.answer(answer, () => `${view}: ${plural(answer.added, 'new event')}`);
    });

  feature
    .command('lookup')
    .description('Look the values of entity keys up, as an endpoint does')
    .argument('<view>')
    .argument('<key...>')
    .option('--at <time>', 'as of this moment (default: now)', toMoment)
    .action(async (view: string, keys: string[], { at }: { at?: string }) => {
      const answer = await (await context.client()).feature.lookup({ view, keys, at });
      const names = Object.keys(answer.vectors[0]?.values ?? {});
      type Vector = (typeof answer.vectors)[number];
      const columns: readonly Column<Vector>[] = [
        { title: 'KEY', value: (one) => one.key },
        ...names.map((name): Column<Vector> => ({ title: name, value: (one) => formatNumber(one.values[name] ?? 0), align: 'right' })),
      ];
      context.answer(answer, () => toTable(answer.vectors, columns, context.look));
    });

  feature
    .command('join')
    .description('Write a version with the features of a view appended, each row as it was at its time, as Parquet')
    .argument('<view>')
    .requiredOption('--entities <ref>', 'version whose rows get the features')
    .requiredOption('--history <ref>', 'version that holds the past')
    .requiredOption('--time-column <name>', 'column of the entities with the time of each row, epoch ms')
    .requiredOption('--out <file>', 'Parquet file to write')
    .action(async (view: string, { entities, history, timeColumn, out }: JoinOptions) => {
      const client = await context.client();
      const { writeAnswer } = await import('./download.ts');
      const body = { entities, history, time_column: timeColumn };
      const response = await client.fetch({
        method: 'POST',
        path: `/features/${encodeURIComponent(view)}/joins`,
        body,
        options: { signal: context.signal },
      });
      await writeAnswer(context, response, out);
      const rows = Number(response.headers.get('x-pawl-rows'));
      context.answer({ rows, out }, () => `${formatCount(rows)} rows of ${entities} with ${view} in ${out}`);
    });
}
