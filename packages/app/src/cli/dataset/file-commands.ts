import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { UsageError } from '../exit.ts';
import { formatBytes, formatCount, plural } from '../format.ts';
import { LINKS, toLinks, toWay } from './place.ts';
import type { TransferOptions } from './place.ts';
import { toTables, toVersion } from './view.ts';

interface ImportOptions extends TransferOptions {
  readonly as?: string;
  readonly sha256?: string;
  readonly limit?: number;
  readonly message?: string;
  readonly branch?: string;
}

interface AddCommandOptions extends TransferOptions {
  readonly message?: string;
  readonly branch?: string;
  readonly only?: readonly string[];
  readonly query?: string;
  readonly input?: readonly string[];
  readonly source?: string;
  readonly as?: string;
}

const IMPORT_LIMIT = 64 * 1024 ** 3;

/** How many paths a list of changes shows before it counts the rest. */
const SHOWN = 20;

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

function addTransferOptions(command: Command): Command {
  return command
    .option('--via <way>', 'disk (where the server is on this machine) or http (default: disk where it can)', toWay)
    .option(
      '--link <kinds>',
      `how large files are shared with the store, in the order tried: reflink, hardlink, copy (default: ${LINKS.join(',')})`,
      toLinks,
    );
}

/** A folder on this machine, and versions: what goes in, what comes out, what differs. */
export function addFileCommands(data: Command, context: Context): void {
  addTransferOptions(
    data
      .command('add')
      .description('Add the files of a folder, or one file, as a new version')
      .argument('<name>', 'dataset')
      .argument('[path]', 'folder or file')
      .option('--query <sql>', 'what this SELECT answers instead of a path, as one Parquet file; @file reads it from a file')
      .option('--input <name=what>', 'table that the query may read: a version, or files here; repeat for more', collect)
      .option('--source <url>', 'database that is asked: postgres://…, sqlite:FILE, or env:NAME of a variable that holds its address')
      .option('--as <name>', 'what the file of a query is called (default: rows.parquet)')
      .option('-m, --message <text>', 'what this version is')
      .option('-b, --branch <name>', 'branch that it goes to (default: main)')
      .option('--only <glob>', 'only files whose path in the folder fits, such as "**/*.csv"; repeat for more', collect),
  ).action(async (name: string, path: string | undefined, options: AddCommandOptions) => {
    const client = await context.client();
    if (options.query !== undefined) {
      if (path !== undefined) throw new UsageError('Give a path or --query, not both.');
      if (options.source !== undefined && options.input !== undefined)
        throw new UsageError('A database is asked about its own tables: leave out --input, or --source.');
      const { addQuery } = await import('./query.ts');
      const made = await addQuery(context, client, name, { ...options, query: options.query });
      context.answer(made, () => {
        const { ref, bytes } = made.version;
        const what = `${plural(made.rows, 'row')}, ${formatBytes(bytes)}`;
        const told = made.created
          ? `${ref}: ${what}${toTables(made.version)}`
          : `${ref} holds this answer already (${what}); no new version`;
        return made.rows < 2 || /\border\s+by\b/i.test(options.query ?? '') || options.query?.startsWith('@')
          ? told
          : `${told}\n  without ORDER BY the same rows may come in another order, which is another version`;
      });
      return;
    }
    if (path === undefined) throw new UsageError('Name a folder or file, or what is to be asked with --query.');
    const { addFolder } = await import('./add.ts');
    const skip = await toSkip(options.only);
    const { source: _, ...rest } = options;
    const answer = await addFolder(context, client, name, path, { ...rest, skip });
    context.answer(answer, () => {
      const { ref, files, bytes, parent } = answer.version;
      const whole = `${plural(files, 'file')}, ${formatBytes(bytes)}`;
      if (!answer.created) return `${ref} holds these files already (${whole}); no new version`;
      const { sent, passed } = answer;
      const told = sent.files === 0 ? 'all content was there already' : `sent ${plural(sent.files, 'file')}, ${formatBytes(sent.bytes)}`;
      const note =
        passed === undefined
          ? ''
          : `\n  the folder came from version ${passed}; version ${parent ?? 0} was added since, and this one is upon it`;
      return `${ref}: ${whole}; ${told}${toTables(answer.version)}${note}`;
    });
  });

  data
    .command('status')
    .description('Show what was changed in a folder since it was added or checked out; asks no server')
    .argument('[path]', 'folder or file', '.')
    .action(async (path: string) => {
      const { statusOf } = await import('./status.ts');
      const status = await statusOf(context, path);
      context.answer(status, () => {
        const { base, changes, files } = status;
        const from = `${base.dataset}:${base.version}${base.branch === 'main' ? '' : ` (branch ${base.branch})`}`;
        if (changes.length === 0) return `${path} is as in ${from}: ${plural(files, 'file')}`;
        const lines = changes.slice(0, SHOWN).map(({ change, path: name, size }) => `  ${change.padEnd(8)} ${name}  ${formatBytes(size)}`);
        const rest = changes.length > SHOWN ? [`  … and ${formatCount(changes.length - SHOWN)} more (--json lists all)`] : [];
        return [`${path} differs from ${from} in ${plural(changes.length, 'file')}:`, ...lines, ...rest].join('\n');
      });
    });

  addTransferOptions(
    data
      .command('checkout')
      .description('Put the files of a version into a folder, verified')
      .argument('<name[:version]>', 'the latest when no version is named')
      .argument('<path>', 'folder; made when it is not there')
      .option('--only <path>', 'only this file or folder of the version; repeat for more', collect)
      .option('--force', 'replace files that are there with other content'),
  ).action(async (text: string, path: string, options: TransferOptions & { only?: readonly string[]; force?: boolean }) => {
    const client = await context.client();
    const version = await client.dataset.version(toVersion(text));
    const { checkOut } = await import('./checkout.ts');
    const done = await checkOut(context, client, version, path, { ...options, only: options.only ?? [], force: options.force === true });
    context.answer({ ref: version.ref, path, ...done }, () => {
      const kept = done.kept === 0 ? '' : `, ${formatCount(done.kept)} there already`;
      const removed = done.removed === 0 ? '' : `, ${formatCount(done.removed)} taken away`;
      return `${version.ref} is in ${path}: ${plural(done.written, 'file')} written, ${formatBytes(done.bytes)} fetched${kept}${removed}`;
    });
  });

  data
    .command('cat')
    .description('Write one file of a version to standard output')
    .argument('<name[:version]>', 'the latest when no version is named')
    .argument('<path>', 'file in the version')
    .option('--range <from-to>', 'only these bytes, counted from 0, such as 0-99', toRange)
    .action(async (text: string, path: string, { range }: { range?: string }) => {
      const { dataset, version } = toVersion(text);
      const name = path.split('/').map(encodeURIComponent).join('/');
      const response = await (
        await context.client()
      ).fetch({
        method: 'GET',
        path: `/datasets/${dataset}/versions/${version}/content/${name}`,
        ...(range === undefined ? {} : { headers: { range: `bytes=${range}` } }),
        options: { signal: context.signal },
      });
      if (response.body !== null) await pipeline(response.body, process.stdout, { end: false });
    });

  addTransferOptions(
    data
      .command('import')
      .description('Fetch a file over HTTP(S) and make it a version, with where it came from')
      .argument('<name>', 'dataset')
      .argument('<url>')
      .option('--as <name>', 'what the file is called (default: the last part of the address)')
      .option('--sha256 <hex>', 'refuse any other content')
      .option('--limit <bytes>', 'most bytes that are taken (default: 64 GiB)', Number)
      .option('-m, --message <text>', 'what this version is')
      .option('-b, --branch <name>', 'branch that it goes to (default: main)'),
  ).action(async (name: string, url: string, { limit = IMPORT_LIMIT, ...options }: ImportOptions) => {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new UsageError(`"${url}" is no http or https address.`);
    if (!(limit > 0)) throw new UsageError('--limit takes a number of bytes.');
    const client = await context.client();
    const { importUrl } = await import('./import.ts');
    const answer = await importUrl(context, client, name, url, { ...options, limit });
    context.answer(answer, () => {
      const { ref, bytes } = answer.version;
      if (!answer.created) return `${ref} holds this file already (${formatBytes(bytes)}); no new version`;
      return `${ref}: ${formatBytes(bytes)} from ${url}${toTables(answer.version)}`;
    });
  });

  data
    .command('export')
    .description('Write a version to a folder that nothing is remembered of, with its manifest, for other tools')
    .argument('<name[:version]>', 'the latest when no version is named')
    .argument('<path>', 'folder that is not there yet')
    .action(async (text: string, path: string) => {
      const client = await context.client();
      const version = await client.dataset.version(toVersion(text));
      const { exportVersion } = await import('./export.ts');
      const done = await exportVersion(context, client, version, path);
      context.answer(
        { ref: version.ref, path, ...done },
        () => `${version.ref} is in ${path}: ${plural(done.written, 'file')}, and SHA256SUMS to check them by`,
      );
    });
}

function toRange(text: string): string {
  if (!/^[0-9]{1,15}-[0-9]{0,15}$|^-[0-9]{1,15}$/.test(text))
    throw new InvalidArgumentError('Use from-to, such as 0-99, or -100 for the last 100 bytes.');
  return text;
}

/** What of a folder is left out when only some patterns are wanted. A folder is looked into always: a file in it may fit. */
async function toSkip(only: readonly string[] | undefined): Promise<((path: string, isFolder: boolean) => boolean) | undefined> {
  if (only === undefined) return undefined;
  const { matchesGlob } = await import('node:path');
  return (path, isFolder) => !isFolder && !only.some((pattern) => matchesGlob(path, pattern));
}
