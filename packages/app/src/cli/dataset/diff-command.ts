import type { Command } from 'commander';
import type { Client } from '@pawl/client';
import type { Context } from '../context.ts';
import { UsageError } from '../exit.ts';
import { formatBytes, formatCount, plural } from '../format.ts';
import { toTable } from '../table.ts';
import { toVersion } from './view.ts';

type Diff = Awaited<ReturnType<Client['dataset']['diff']>>;
type FileChange = Diff['files'][number];
type TableDiff = Diff['tables'][number];

const SHOWN = 20;
const READ_MS = 60 * 60_000;

export function addDiffCommand(data: Command, context: Context): void {
  data
    .command('diff')
    .description('Show what changed between two versions: files, and in tables columns, rows and how values are spread')
    .argument('<name:version>', 'the older one')
    .argument('[version]', 'the newer one: a number, tag or branch (default: the latest)', 'latest')
    .option('-k, --key <columns>', 'columns that tell the rows of a table apart, by commas; then changed rows are told from new ones')
    .option('--files', 'only the files')
    .action(async (text: string, to: string, { key, files }: { key?: string; files?: boolean }) => {
      const { dataset, version: from } = toVersion(text);
      if (from === 'latest') throw new UsageError(`Name the older version: ${dataset}:1.`);
      const other = toVersion(to.includes(':') ? to : `${dataset}:${to}`);
      if (other.dataset !== dataset) throw new UsageError('Both versions must be of one dataset.');
      const client = await context.client();
      const diff = await client.dataset.diff(
        { dataset, from, to: other.version, key, tables: files === true ? 'false' : 'true' },
        { signal: context.signal, timeoutMs: READ_MS },
      );
      context.answer(diff, () =>
        [
          `${dataset}:${diff.from} → ${dataset}:${diff.to}`,
          ...toFileLines(diff.files),
          ...diff.tables.map((one) => toTableText(one, context)),
        ].join('\n'),
      );
    });
}

function toFileLines(files: readonly FileChange[]): readonly string[] {
  if (files.length === 0) return ['No file changed.'];
  const counts = Array.from(
    Map.groupBy(files, ({ kind }) => kind),
    ([kind, some]) => `${formatCount(some.length)} ${kind}`,
  ).join(', ');
  const lines = files.slice(0, SHOWN).map((change) => `  ${change.kind.padEnd(8)} ${change.path}${toDetail(change)}`);
  return [
    `${plural(files.length, 'file')}: ${counts}`,
    ...lines,
    ...(files.length > SHOWN ? [`  … and ${formatCount(files.length - SHOWN)} more (--json lists all)`] : []),
  ];
}

function toDetail(change: FileChange): string {
  if (change.kind === 'changed') return `  ${formatBytes(change.sizeBefore)} → ${formatBytes(change.size)}`;
  if (change.kind === 'mode') return `  ${change.modeBefore.toString(8)} → ${change.mode.toString(8)}`;
  if (change.kind === 'moved') return `  from ${change.from}`;
  return `  ${formatBytes(change.size)}`;
}

function toTableText(table: TableDiff, context: Context): string {
  const name = table.folder === '' ? '.' : table.folder;
  const rows =
    table.changed === null
      ? `${formatCount(table.added)} added, ${formatCount(table.removed)} removed (--key tells changed rows apart)`
      : `${formatCount(table.added)} added, ${formatCount(table.removed)} removed, ${formatCount(table.changed)} changed`;
  const schema = table.columns.map(({ column, before, after }) =>
    before === null
      ? `  column ${column} is new (${after ?? ''})`
      : after === null
        ? `  column ${column} is gone (${before})`
        : `  column ${column} was ${before}, is ${after}`,
  );
  const changed = new Map(table.changed_by.map(({ column, rows: count }) => [column, count]));
  const spread = table.spread
    .filter(({ column, distance }) => distance > 0 || changed.has(column))
    .toSorted((a, b) => b.distance - a.distance);
  const columns = [
    { title: 'COLUMN', value: (one: (typeof spread)[number]) => one.column },
    { title: 'ROWS CHANGED', value: (one: (typeof spread)[number]) => formatCount(changed.get(one.column) ?? 0), align: 'right' as const },
    { title: 'SPREAD', value: (one: (typeof spread)[number]) => one.distance.toFixed(3), align: 'right' as const },
  ];
  return [
    `\nTable ${name} (${table.format}): ${formatCount(table.rows_before)} → ${formatCount(table.rows_after)} rows; ${rows}`,
    ...schema,
    ...(spread.length === 0 ? [] : [toTable(spread, columns, context.look)]),
  ].join('\n');
}
