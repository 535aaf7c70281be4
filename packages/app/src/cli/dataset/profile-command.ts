import type { Command } from 'commander';
import type { DatasetProfile } from '@pawl/client';
import type { Context } from '../context.ts';
import { UsageError } from '../exit.ts';
import { formatCount, plural } from '../format.ts';
import { isLocalTable } from '../local-table.ts';
import { toVersion } from './view.ts';
import { toFields, toTable } from '../table.ts';

type Column = DatasetProfile['columns'][number];
type Profile = Pick<DatasetProfile, 'ref' | 'rows' | 'columns'>;

export function addProfileCommand(data: Command, context: Context): void {
  data
    .command('profile')
    .description('Tell what the columns of a version, or of a file, hold')
    .argument('<data>', 'name[:version], the latest when no version is named; or a file, folder or pattern')
    .option('--folder <path>', 'the table, when the version holds several')
    .option('--column <name>', 'one column, in full')
    .action(async (text: string, { folder, column }: { folder?: string; column?: string }) => {
      const profile = (await isLocalTable(text)) ? await profileFile(text) : await profileVersion(context, text, folder);
      if (column === undefined)
        return context.answer(
          profile,
          () => `${profile.ref}: ${plural(profile.rows, 'row')}\n${toTable(profile.columns, COLUMNS(profile.rows), context.look)}`,
        );
      const found = profile.columns.find((one) => one.name === column);
      if (found === undefined)
        throw new UsageError(`${profile.ref} has no column "${column}"; it has ${profile.columns.map((one) => one.name).join(', ')}.`);
      context.answer(found, () => toDetails(found, profile.rows));
    });
}

async function profileVersion(context: Context, text: string, folder: string | undefined): Promise<Profile> {
  return (await context.client()).dataset.profile({ ...toVersion(text), folder }, { signal: context.signal });
}

async function profileFile(place: string): Promise<Profile> {
  const [{ profileLocally }, { toColumnProfile }] = await Promise.all([import('../profile-local.ts'), import('../../report/profile.ts')]);
  const { rows, columns } = await profileLocally(place);
  return { ref: place, rows, columns: columns.map(toColumnProfile) as readonly Column[] };
}

const COLUMNS = (rows: number) =>
  [
    { title: 'COLUMN', value: (one: Column) => one.name },
    { title: 'TYPE', value: (one: Column) => one.type },
    { title: 'SEEMS', value: (one: Column) => one.semantic },
    { title: 'NULLS', value: (one: Column) => toShare(one.nulls + (one.numbers?.nans ?? 0), rows), align: 'right' },
    { title: 'DISTINCT', value: (one: Column) => `${one.distinct_exact ? '' : '~'}${formatCount(one.distinct)}`, align: 'right' },
    { title: 'MIN', value: (one: Column) => toCell(one.min), align: 'right' },
    {
      title: 'MEDIAN',
      value: (one: Column) => toCell(one.numbers?.quantiles.find(({ share }) => share === 0.5)?.value ?? null),
      align: 'right',
    },
    { title: 'MAX', value: (one: Column) => toCell(one.max), align: 'right' },
    { title: 'DISTRIBUTION', value: (one: Column) => (one.numbers === null ? null : toSpark(one.numbers.histogram)) },
    {
      title: 'MOST FREQUENT',
      value: (one: Column) =>
        one.top
          .slice(0, 3)
          .map(({ value, count }) => `${toCell(value)} (${toShare(count, rows)})`)
          .join(', ') || null,
    },
  ] as const;

function toDetails(column: Column, rows: number): string {
  const { numbers, texts } = column;
  const blocks = [
    toFields([
      ['Column', column.name],
      ['Type', column.type],
      ['Seems', column.semantic],
      ['Nulls', `${formatCount(column.nulls)} (${toShare(column.nulls, rows)})`],
      ['Distinct', `${column.distinct_exact ? '' : 'about '}${formatCount(column.distinct)}`],
      ['Range', column.min === null ? null : `${toCell(column.min)} … ${toCell(column.max)}`],
      ['Mean', numbers === null ? null : toCell(numbers.mean)],
      ['Deviation', numbers === null || numbers.variance === null ? null : toCell(Math.sqrt(numbers.variance))],
      [
        'Quantiles',
        numbers === null
          ? null
          : numbers.quantiles.map(({ share, value }) => `${Number((share * 100).toFixed(1))} %: ${toCell(value)}`).join('  '),
      ],
      ['Histogram', numbers === null ? null : toSpark(numbers.histogram)],
      [
        'Not finite',
        numbers === null
          ? null
          : `${formatCount(numbers.nans)} NaN, ${formatCount(numbers.positive_infinite + numbers.negative_infinite)} infinite`,
      ],
      ['Zero, negative', numbers === null ? null : `${formatCount(numbers.zeros)}, ${formatCount(numbers.negatives)}`],
      [
        'Length',
        texts === null
          ? null
          : `${texts.min_length} … ${texts.max_length}, ${toCell(texts.mean_length)} on average, ${formatCount(texts.empty)} empty`,
      ],
      [
        'Shapes',
        texts === null ? null : texts.shapes.map(({ shape, share }) => `${JSON.stringify(shape)} ${toShare(share, 1)}`).join('  '),
      ],
    ]),
  ];
  for (const { value, count } of column.top.slice(0, 20)) blocks.push(`  ${toShare(count, rows).padStart(8)}  ${toCell(value)}`);
  return blocks.join('\n');
}

const BARS = '▁▂▃▄▅▆▇█';
const BINS = 16;

/** The histogram on bins of equal width between the 1 % and 99 % of its mass, so that one far value does not flatten it. */
function toSpark({
  edges,
  counts,
  min,
  max,
}: {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly min: number;
  readonly max: number;
}): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const at = (share: number): number => {
    let below = 0;
    for (const [cell, count] of counts.entries()) {
      below += count;
      if (below >= share * total) return edges[cell] ?? max;
    }
    return max;
  };
  const [low, high] = [edges.length < BINS ? min : at(0.01), edges.length < BINS ? max : at(0.99)];
  if (!(high > low)) return BARS.at(-1) ?? '';
  const bins = Array.from({ length: BINS }, () => 0);
  counts.forEach((count, cell) => {
    // Spread evenly over what the cell covers.
    const [from, to] = [Math.max(low, edges[cell - 1] ?? min), Math.min(high, edges[cell] ?? max)];
    if (count === 0 || to < low || from > high) return;
    const [first, last] = [toBin(from, low, high), toBin(to, low, high)];
    for (let bin = first; bin <= last; bin += 1) bins[bin] = (bins[bin] ?? 0) + count / (last - first + 1);
  });
  const top = Math.max(...bins);
  return bins
    .map((count) => (count === 0 ? ' ' : (BARS[Math.min(BARS.length - 1, Math.floor((count / top) * BARS.length))] ?? '')))
    .join('');
}

function toBin(value: number, low: number, high: number): number {
  return Math.min(BINS - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * BINS)));
}

function toShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  const percent = (100 * part) / whole;
  return `${percent < 0.01 ? '< 0.01' : Number(percent.toFixed(2))} %`;
}

function toCell(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(5)));
  return value === null || value === undefined ? '' : typeof value === 'string' ? value.slice(0, 40) : JSON.stringify(value);
}
