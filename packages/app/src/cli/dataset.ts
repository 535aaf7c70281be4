import type { Command } from 'commander';
import type { DatasetVersion } from '@pawl/client';
import { currentRun } from '../config/environment.ts';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatBytes, formatCount, formatTime, plural, shortDigest } from './format.ts';
import { addPageOptions, pageOf, toRefParts } from './options.ts';
import type { PageOptions } from './options.ts';
import { toFields, toTable } from './table.ts';
import type { Style } from './text.ts';

export function addDatasetCommands(data: Command, context: Context): void {
  data
    .command('add')
    .description('Add the files of a folder, or one file, as a new version')
    .argument('<name>', 'dataset')
    .argument('<path>', 'folder or file')
    .option('-m, --message <text>', 'what this version is')
    .action(async (name: string, path: string, { message }: { message?: string }) => {
      const client = await context.client();
      const { uploadFiles } = await import('./upload.ts');
      const { manifest, sent } = await uploadFiles(context, client, path);
      const answer = await client.dataset.add({ dataset: name, manifest, message }, { signal: context.signal });
      context.answer(answer, () => {
        const { ref, files, bytes } = answer.version;
        const whole = `${plural(files, 'file')}, ${formatBytes(bytes)}`;
        if (!answer.created) return `${ref} holds these files already (${whole}); no new version`;
        return `${ref}: ${whole}; ${sent.files === 0 ? 'all content was there already' : `sent ${plural(sent.files, 'file')}, ${formatBytes(sent.bytes)}`}${toTables(answer.version)}`;
      });
    });

  addPageOptions(data.command('list').description('List datasets')).action(async (options: PageOptions) => {
    const page = await (await context.client()).dataset.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'NAME', value: (one) => one.name },
        { title: 'CREATED', value: (one) => formatTime(one.created_at) },
      ],
      'No dataset yet; add one with "pawl data add NAME PATH".',
    );
  });

  addPageOptions(data.command('log').description('List the versions of a dataset, newest first').argument('<name>', 'dataset')).action(
    async (name: string, options: PageOptions) => {
      const page = await (await context.client()).dataset.versions({ dataset: name, ...pageOf(options) });
      context.table(
        page,
        [
          { title: 'VERSION', value: (one) => one.version, align: 'right' },
          { title: 'CREATED', value: (one) => formatTime(one.created_at) },
          { title: 'FILES', value: (one) => formatCount(one.files), align: 'right' },
          { title: 'SIZE', value: (one) => formatBytes(one.bytes), align: 'right' },
          { title: 'STATUS', value: (one) => one.status, style: (one) => statusStyle(one.status) },
          { title: 'AUTHOR', value: (one) => one.author },
          { title: 'MESSAGE', value: (one) => one.message },
        ],
        'No version yet.',
      );
    },
  );

  data
    .command('show')
    .description('Show a version, its tables and the checks it went through')
    .argument('<name[:version]>', 'the latest when no version is named')
    .action(async (text: string) => {
      const client = await context.client();
      const version = await client.dataset.version(toVersion(text));
      if (context.json) return context.answer(version, () => '');
      const { items: checks } = await client.dataset.checks({ dataset: version.dataset, version: version.version });
      const { items: users } = await client.dataset.runs({ dataset: version.dataset, version: version.version, limit: 10 });
      context.answer(version, () =>
        [
          toFields([
            ['Version', version.ref],
            ['Created', `${formatTime(version.created_at)} by ${version.author}`],
            ['Message', version.message],
            ['Files', `${formatCount(version.files)}, ${formatBytes(version.bytes)}`],
            ['Manifest', version.manifest],
            ['Status', version.status],
            ['Made by', version.task === null ? null : `task ${version.task}`],
          ]),
          ...version.tables.map(
            (table) =>
              `\nTable ${table.folder === '' ? '.' : table.folder} (${table.format}, ${plural(table.files, 'file')}, ${plural(table.rows, 'row')})\n${toTable(table.columns, COLUMNS, context.look)}`,
          ),
          ...(checks.length === 0 ? [] : [`\n${toTable(checks, CHECKS, context.look)}`]),
          ...(users.length === 0 ? [] : [`\n${toTable(users, USERS, context.look)}`]),
        ].join('\n'),
      );
    });

  data
    .command('files')
    .description('List the files of a version')
    .argument('<name[:version]>', 'the latest when no version is named')
    .action(async (text: string) => {
      const manifest = await (await context.client()).dataset.manifest(toVersion(text));
      context.answer(manifest, () =>
        toTable(
          manifest.entries,
          [
            { title: 'PATH', value: (entry) => entry.path },
            { title: 'SIZE', value: (entry) => formatBytes(entry.size), align: 'right' },
            { title: 'MODE', value: (entry) => entry.mode.toString(8).padStart(3, '0') },
            { title: 'DIGEST', value: (entry) => shortDigest(entry.digest) },
          ],
          context.look,
        ),
      );
    });

  data
    .command('checkout')
    .description('Put the files of a version into a folder, verified')
    .argument('<name[:version]>', 'the latest when no version is named')
    .argument('<path>', 'folder; made when it is not there')
    .option('--force', 'replace files that are there with other content')
    .action(async (text: string, path: string, { force }: { force?: boolean }) => {
      const client = await context.client();
      const version = await client.dataset.version(toVersion(text));
      const manifest = await client.dataset.manifest({ dataset: version.dataset, version: version.version });
      const { checkOut } = await import('./checkout.ts');
      const done = await checkOut(context, manifest, path, force === true);
      const run = currentRun();
      if (run !== undefined) await client.recording.link({ run, inputs: [{ ref: version.ref, role: version.dataset }] });
      context.answer(
        { ref: version.ref, path, ...done },
        () =>
          `${version.ref} is in ${path}: ${plural(done.written, 'file')} written, ${formatBytes(done.bytes)} fetched${done.kept === 0 ? '' : `, ${formatCount(done.kept)} there already`}`,
      );
    });
}

const COLUMNS = [
  { title: 'COLUMN', value: (column: { name: string }) => column.name },
  { title: 'TYPE', value: (column: { type: string }) => column.type },
] as const;

const CHECKS = [
  { title: 'CHECK', value: (one: { suite: string }) => one.suite },
  { title: 'VERDICT', value: (one: { verdict: string }) => one.verdict, style: (one: { verdict: string }) => statusStyle(one.verdict) },
  { title: 'AT', value: (one: { at: string }) => formatTime(one.at) },
] as const;

const USERS = [
  { title: 'READ BY RUN', value: (one: { run: string }) => one.run },
  { title: 'NAME', value: (one: { name: string }) => one.name },
  { title: 'AS', value: (one: { role: string }) => one.role },
  { title: 'STATUS', value: (one: { status: string }) => one.status },
  { title: 'STARTED', value: (one: { started_at: string }) => formatTime(one.started_at) },
] as const;

function statusStyle(status: string): Style | undefined {
  return status === 'accepted' || status === 'passed' ? 'good' : status === 'unchecked' ? 'dim' : 'bad';
}

function toVersion(text: string): { readonly dataset: string; readonly version: number | 'latest' } {
  const { name, version } = toRefParts(text);
  if (version === undefined || version === 'latest') return { dataset: name, version: 'latest' };
  if (!/^[1-9][0-9]{0,8}$/.test(version))
    throw new UsageError(`"${text}" does not name a version: use name:number, or the name for the latest.`);
  return { dataset: name, version: Number(version) };
}

function toTables({ tables }: DatasetVersion): string {
  return tables
    .map(
      (table) =>
        `\n  table ${table.folder === '' ? '.' : table.folder}: ${table.format}, ${plural(table.rows, 'row')}, ${plural(table.columns.length, 'column')}`,
    )
    .join('');
}
