import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatDuration, formatNumber, formatTime } from './format.ts';
import { addPageOptions, collect, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import type { Column } from './table.ts';

export interface TableOptions extends PageOptions {
  readonly experiment: readonly string[];
  readonly folder?: string;
  readonly order: readonly string[];
  readonly metric: readonly string[];
  readonly column: readonly string[];
  readonly deleted?: true;
  readonly csv?: true;
}

type Table = Awaited<ReturnType<Client['runs']['table']>>;
type Row = Table['rows'][number];

export function addTableOptions(command: Command): Command {
  return addPageOptions(
    command
      .option('--experiment <name>', 'of this experiment, by number, name, or folder and name; repeat for more (default: all)', collect, [])
      .option('--folder <folder>', 'of the experiments in this folder and below')
      .option('--order <column>', 'such as "metrics.f1 DESC" or metrics_min.loss; repeat for more (default: newest first)', collect, [])
      .option('--metric <key>', 'show the last value of this metric; repeat for more', collect, [])
      .option(
        '--column <column>',
        'show cost, metrics.KEY, metrics_min.KEY, metrics_max.KEY, params.KEY, tags.KEY, user_id, …; repeat for more',
        collect,
        [],
      )
      .option('--deleted', 'deleted runs instead')
      .option('--csv', 'print all rows (or --limit of them) as CSV'),
  );
}

/** Whether options ask for more than the plain list of runs shows. */
export function asksForTable({ experiment, folder, order, metric, column, deleted, csv }: TableOptions): boolean {
  return (
    experiment.length > 1 || order.length + metric.length + column.length > 0 || [folder, deleted, csv].some((given) => given !== undefined)
  );
}

export function toSearch(filter: string, { experiment, folder, order, deleted }: TableOptions) {
  return {
    experiments: experiment.length === 0 ? undefined : [...experiment],
    folder,
    filter,
    order_by: order.map(toMetricOf),
    lifecycle: deleted === true ? ('deleted' as const) : ('active' as const),
  };
}

/** Names of the experiments that runs are of: there are few of them on a page. */
export async function experimentNames(
  client: Client,
  runs: readonly { readonly experiment: number }[],
): Promise<ReadonlyMap<number, string>> {
  const numbers = [...new Set(runs.map(({ experiment }) => experiment))];
  const found = await Promise.all(numbers.map((number) => client.experiment.get({ experiment: String(number) })));
  return new Map(found.map(({ id, name }) => [id, name]));
}

/** The metric that holds what a run cost. */
const COST = 'metrics.system/cost';
const toMetricOf = (column: string): string => column.replace(/^cost(?=$|\s)/, COST);

const LEADING = ['run_id', 'run_name', 'experiment', 'status', 'start_time', 'duration'];

/** Prints runs with the columns asked for, as a table, JSON or CSV. */
export async function showTable(context: Context, filter: string, options: TableOptions): Promise<void> {
  const client = await context.client();
  const chosen = [...options.metric.map((key) => `metrics.${quote(key)}`), ...options.column.map(toMetricOf)];
  const columns = [...new Set([...LEADING, ...chosen])];
  const search = { ...toSearch(filter, options), columns };
  if (options.csv === true) {
    if (context.json || options.after !== undefined)
      throw new UsageError('--csv prints everything by itself: leave out --json and --after.');
    const body = { ...search, format: 'csv', limit: options.limit };
    const { body: content } = await client.fetch({ method: 'POST', path: '/runs/table/stream', body, options: { signal: context.signal } });
    if (content !== null) await pipeline(Readable.fromWeb(content), process.stdout, { end: false });
    return;
  }
  const table = await client.runs.table({ limit: 100, ...pageOf(options), ...search });
  context.table(
    { ...table, items: table.rows },
    columns.map((column, at) => toColumn(column, at)),
    'No run is like this.',
  );
}

/** Keys with other characters than those of a bare word stand in backticks. */
function quote(key: string): string {
  return /^[\w./-]+$/.test(key) || key.startsWith('`') ? key : `\`${key}\``;
}

const TITLES: Readonly<Record<string, string>> = {
  run_id: 'RUN',
  run_name: 'NAME',
  experiment: 'EXPERIMENT',
  status: 'STATUS',
  start_time: 'STARTED',
  duration: 'TOOK',
  [COST]: 'COST',
};

function toColumn(column: string, at: number): Column<Row> {
  const title = TITLES[column] ?? column.replace(/^metrics?\./, '').replaceAll('`', '');
  if (column === 'start_time' || column === 'end_time') return { title, value: (row) => formatTime(row[at] as string | null) };
  if (column === 'duration')
    return { title, value: (row) => (row[at] === null ? null : formatDuration(Number(row[at]) * 1000)), align: 'right' };
  const isMetric = /^metrics?(?:_min|_max)?\./.test(column);
  return {
    title,
    value: (row) => {
      const cell = row[at];
      return cell !== null && cell !== undefined && isMetric ? formatNumber(Number(cell)) : cell;
    },
    ...(isMetric ? { align: 'right' } : {}),
  };
}
