import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatNumber, formatSpan, formatTime } from './format.ts';
import { collect, toWhole } from './options.ts';
import { toTable } from './table.ts';
import type { Column } from './table.ts';
import { paint } from './text.ts';

type Comparison = Awaited<ReturnType<Client['runs']['compare']>>;
type Metric = Comparison['metrics'][number];
type Goals = Readonly<Record<string, 'min' | 'max'>>;

interface CompareOptions {
  readonly experiment: readonly string[];
  readonly folder?: string;
  readonly filter?: string;
  readonly order: readonly string[];
  readonly limit?: number;
  readonly baseline?: string;
  readonly best?: true;
  readonly goal?: Goals;
  readonly all?: true;
}

/** Beyond so many, runs are rows and not columns. */
const MOST_COLUMNS = 6;

function addGoal(text: string, before: Goals = {}): Goals {
  const [, key = '', goal] = /^(.+)=(min|max)$/.exec(text) ?? [];
  if (key === '') throw new InvalidArgumentError('Use metric=min or metric=max.');
  return { ...before, [key]: goal as 'min' | 'max' };
}

export function addRunCompareCommand(run: Command, context: Context): void {
  run
    .command('compare')
    .description('Compare runs: what differs in parameters, code, data and environment, and whose metrics are best')
    .argument('[run...]', 'ids')
    .option('--experiment <name>', 'instead of ids: runs of this experiment; repeat for more', collect, [])
    .option('--folder <folder>', 'instead of ids: runs of the experiments in this folder and below')
    .option('--filter <filter>', 'only those like this, such as "metrics.f1 > 0.5"')
    .option('--order <column>', 'such as "metrics.f1 DESC"; repeat for more (default: newest first)', collect, [])
    .option('--limit <count>', 'most runs that are found (default: 20)', toWhole)
    .option('--baseline <run>', 'id of the run that the others are measured against')
    .option('--best', 'compare the best value that each run ever had, not its last')
    .option('--goal <metric=min|max>', 'which way a metric is better whose name does not tell; repeat for more', addGoal)
    .option('--all', 'show what is equal too')
    .action(async (runs: readonly string[], options: CompareOptions) => {
      const { experiment, folder, filter, order, limit, baseline, best, goal } = options;
      const searched = experiment.length > 0 || folder !== undefined;
      if (searched === runs.length > 0) throw new UsageError('Name the runs by id, or by --experiment or --folder, not both.');
      const search = { experiments: experiment.length === 0 ? undefined : [...experiment], folder, filter, order_by: [...order], limit };
      const answer = await (
        await context.client()
      ).runs.compare({
        ...(searched ? { search } : { runs: [...runs] }),
        baseline,
        by: best === true ? 'best' : 'last',
        goals: goal,
      });
      context.answer(answer, () =>
        answer.runs.length > MOST_COLUMNS ? toRows(answer, context) : toColumns(answer, options.all === true, context),
      );
    });
}

const nameOf = ({ runs }: Comparison, at: number): string => `#${at + 1} ${runs[at]?.name ?? ''}`.trim();

function metricCell({ values, deltas, best }: Metric, at: number, baseline: boolean): string | null {
  const value = values[at];
  if (value === null || value === undefined) return null;
  const delta = deltas[at];
  const change =
    baseline || delta === null || delta === undefined ? '' : ` (${Number(delta) > 0 ? '+' : ''}${formatNumber(Number(delta))})`;
  return `${best.includes(at) ? '* ' : ''}${formatNumber(Number(value))}${change}`;
}

const GOALS = { min: '↓', max: '↑' } as const;
const titleOf = ({ key, goal }: Metric): string => (goal === null ? key : `${key} ${GOALS[goal]}`);

/** A section for each kind of thing, a column for each run. */
function toColumns(answer: Comparison, all: boolean, { look }: Context): string {
  const { runs, baseline } = answer;
  const section = <Row>(
    title: string,
    rows: readonly Row[],
    key: (row: Row) => string,
    cell: (row: Row, at: number) => string | null,
    good?: (row: Row, at: number) => boolean,
  ): string => {
    if (rows.length === 0) return '';
    const columns: Column<Row>[] = runs.map((_, at) => ({
      title: nameOf(answer, at),
      value: (row) => cell(row, at),
      style: (row) => (good?.(row, at) === true ? 'good' : undefined),
    }));
    return `\n${toTable(rows, [{ title, value: key }, ...columns], look)}`;
  };
  const texts = (title: string, rows: Comparison['params']): string =>
    section(
      title,
      rows.filter(({ differs }) => all || differs),
      ({ key }) => key,
      ({ values }, at) => values[at] ?? null,
    );
  const data = answer.data.filter(({ used }) => all || used.includes(false));
  const parts = [
    toRunTable(answer, look),
    section(
      'METRIC',
      answer.metrics,
      titleOf,
      (row, at) => metricCell(row, at, runs[at]?.id === baseline),
      (row, at) => row.best.includes(at),
    ),
    texts('PARAMETER', answer.params),
    section(
      'DATA',
      data,
      ({ name, version, role }) => [`${name}:${version.slice(0, 12)}`, role].filter((text) => text !== '').join(' '),
      ({ used }, at) => (used[at] === true ? 'yes' : null),
    ),
    texts('CODE', answer.code),
    texts('ENVIRONMENT', answer.environment),
    texts('TAG', answer.tags),
  ];
  const shown = [answer.params, answer.code, answer.environment, answer.tags].flat();
  const equal = shown.filter(({ differs }) => !differs).length + answer.data.filter(({ used }) => !used.includes(false)).length;
  if (!all && equal > 0) parts.push(paint(`\n${equal} more ${equal === 1 ? 'is' : 'are'} equal; --all shows what.`, 'dim', look.color));
  return parts.filter((part) => part !== '').join('\n');
}

function toRunTable({ runs, baseline }: Comparison, look: Context['look']): string {
  const numbered = runs.map((one, at) => ({ ...one, at }));
  return toTable(
    numbered,
    [
      { title: '', value: ({ at }) => `#${at + 1}` },
      { title: 'RUN', value: ({ id }) => id },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'EXPERIMENT', value: ({ experiment }) => experiment },
      { title: 'STATUS', value: ({ status }) => status },
      { title: 'STARTED', value: ({ started_at }) => formatTime(started_at) },
      { title: 'TOOK', value: ({ started_at, ended_at }) => formatSpan(started_at, ended_at, Date.now()), align: 'right' },
      ...(baseline === null ? [] : [{ title: 'BASELINE', value: ({ id }: { readonly id: string }) => (id === baseline ? 'yes' : null) }]),
    ],
    look,
  );
}

/** A row for each run: its metrics, and the parameters in which they differ. */
function toRows(answer: Comparison, { look }: Context): string {
  const { runs, metrics, params, baseline } = answer;
  const numbered = runs.map((one, at) => ({ ...one, at }));
  type Row = (typeof numbered)[number];
  const columns: Column<Row>[] = [
    { title: 'RUN', value: ({ id }) => id },
    { title: 'NAME', value: ({ name }) => name },
    { title: 'EXPERIMENT', value: ({ experiment }) => experiment },
    ...metrics.map((metric): Column<Row> => ({
      title: titleOf(metric),
      value: ({ at, id }) => metricCell(metric, at, id === baseline),
      align: 'right',
      style: ({ at }) => (metric.best.includes(at) ? 'good' : undefined),
    })),
    ...params.filter(({ differs }) => differs).map(({ key, values }): Column<Row> => ({ title: key, value: ({ at }) => values[at] })),
  ];
  return toTable(numbered, columns, look);
}
