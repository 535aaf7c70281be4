import type { DatasetVersion } from '@pawl/client';
import { UsageError } from '../exit.ts';
import { formatBytes, formatCount, formatTime, plural } from '../format.ts';
import { toRefParts } from '../options.ts';
import type { Look } from '../context.ts';
import type { Column } from '../table.ts';
import { toFields, toTable } from '../table.ts';
import type { Style } from '../text.ts';

/** `name`, `name:3`, `name:tag` or `name:branch` as a request names a version. */
export function toVersion(text: string): { readonly dataset: string; readonly version: string | number } {
  const { name, version = 'latest' } = toRefParts(text);
  if (/^[1-9][0-9]{0,8}$/.test(version)) return { dataset: name, version: Number(version) };
  if (!/^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(version))
    throw new UsageError(`"${text}" does not name a version: use name:number, name:tag, name:branch, or the name for the latest.`);
  return { dataset: name, version };
}

function statusStyle(status: string): Style | undefined {
  return status === 'accepted' || status === 'passed' ? 'good' : status === 'unchecked' ? 'dim' : 'bad';
}

export function toTables({ tables }: DatasetVersion): string {
  return tables
    .map(
      (table) =>
        `\n  table ${table.folder === '' ? '.' : table.folder}: ${table.format}, ${plural(table.rows, 'row')}, ${plural(table.columns.length, 'column')}`,
    )
    .join('');
}

export const VERSIONS: readonly Column<DatasetVersion>[] = [
  { title: 'VERSION', value: (one) => one.version, align: 'right' },
  { title: 'BRANCH', value: (one) => (one.merged_from === null ? one.branch : `${one.branch} ← ${one.merged_from}`) },
  { title: 'CREATED', value: (one) => formatTime(one.created_at) },
  { title: 'FILES', value: (one) => formatCount(one.files), align: 'right' },
  { title: 'SIZE', value: (one) => formatBytes(one.bytes), align: 'right' },
  {
    title: 'STATUS',
    value: (one) => (one.expired_at === null ? one.status : 'expired'),
    style: (one) => (one.expired_at === null ? statusStyle(one.status) : 'dim'),
  },
  { title: 'AUTHOR', value: (one) => one.author },
  { title: 'MESSAGE', value: (one) => one.message },
];

const COLUMNS = [
  { title: 'COLUMN', value: (column: { name: string }) => column.name },
  { title: 'TYPE', value: (column: { type: string }) => column.type },
] as const;

const CHECKS = [
  { title: 'CHECK', value: (one: { suite: string }) => one.suite },
  { title: 'VERDICT', value: (one: { verdict: string }) => one.verdict, style: (one: { verdict: string }) => statusStyle(one.verdict) },
  { title: 'AT', value: (one: { at: string }) => formatTime(one.at) },
] as const;

const USES = [
  { title: 'USED BY', value: (one: Use) => one.kind },
  { title: 'NAME', value: (one: Use) => one.id },
  { title: 'AS', value: (one: Use) => one.role },
] as const;

interface Use {
  readonly kind: string;
  readonly id: string;
  readonly role: string;
}

export function toVersionText(
  version: DatasetVersion,
  checks: readonly { readonly suite: string; readonly verdict: string; readonly at: string }[],
  uses: readonly Use[],
  look: Look,
): string {
  return [
    toFields([
      ['Version', version.ref],
      ['Branch', version.merged_from === null ? version.branch : `${version.branch}, merged version ${version.merged_from}`],
      ['Parent', version.parent === null ? null : `${version.dataset}:${version.parent}`],
      ['Created', `${formatTime(version.created_at)} by ${version.author}`],
      ['Message', version.message],
      ['Files', `${formatCount(version.files)}, ${formatBytes(version.bytes)}`],
      ['Manifest', version.manifest],
      ['Status', version.expired_at === null ? version.status : `its content was given up ${formatTime(version.expired_at)}`],
      ['Made by', version.task === null ? null : `task ${version.task}`],
      ['From', toSource(version.source)],
    ]),
    ...version.tables.map(
      (table) =>
        `\nTable ${table.folder === '' ? '.' : table.folder} (${table.format}, ${plural(table.files, 'file')}, ${plural(table.rows, 'row')})\n${toTable(table.columns, COLUMNS, look)}`,
    ),
    ...(checks.length === 0 ? [] : [`\n${toTable(checks, CHECKS, look)}`]),
    ...(uses.length === 0 ? [] : [`\n${toTable(uses, USES, look)}`]),
  ].join('\n');
}

function toSource(source: DatasetVersion['source']): string | null {
  if (source === null) return null;
  if (source.kind === 'url') return source.url;
  const inputs = source.inputs.map(
    ({ dataset, version, as }) => `${as === undefined || as === dataset ? '' : `${as} = `}${dataset}:${version}`,
  );
  return `query of ${[...inputs, ...(source.source === undefined ? [] : [source.source])].join(', ') || 'nothing'}: ${source.sql.replaceAll(/\s+/g, ' ').trim()}`;
}
