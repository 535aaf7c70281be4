import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromTreeText } from '@pawl/core';
import { toApiError, toUnreachable } from '@pawl/client';
import type { Client } from '@pawl/client';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { findOuts, objectPath, openDvcRepository, toDatasetName, toDvcFile } from './dvc-repository.ts';
import type { DvcOut, DvcRepository } from './dvc-repository.ts';
import { UsageError } from './exit.ts';
import { failure, unreadable, unwritable } from './fail.ts';
import { formatBytes, plural } from './format.ts';
import { toRefParts } from './options.ts';
import { forEach } from './parallel.ts';
import { createProgress } from './progress.ts';
import { toTable } from './table.ts';
import type { Column } from './table.ts';

const TRANSFERS = 8;
/** Names asked for in one request. */
const ASKED = 50_000;

export function addDvcCommands(data: Command, context: Context): void {
  data
    .command('import-dvc')
    .description('Copy what a repository of DVC tracks, from its cache, as versions of datasets')
    .argument('<repository>', 'folder that holds .dvc')
    .argument('[outputs...]', 'paths of outputs; all of them when none is named')
    .option('--dataset <name>', 'name of the dataset, for one output; else its path gives the name')
    .option('--dry-run', 'only say what would be copied')
    .action(async (path: string, wanted: readonly string[], options: { dataset?: string; dryRun?: boolean }) => {
      const repository = await openDvcRepository(path);
      const outs = chooseOuts(await findOuts(repository), wanted);
      if (options.dataset !== undefined && outs.length !== 1)
        throw new UsageError(`--dataset is for one output, and these are ${outs.length}: name one.`);
      const plan = outs.map((out) => ({ out, dataset: options.dataset ?? toDatasetName(out.path) }));
      if (options.dryRun === true) {
        const rows = plan.map(({ out, dataset }) => ({
          dataset,
          path: out.path,
          md5: out.md5,
          cached: existsSync(objectPath(repository, out.md5, out.legacy)),
        }));
        context.answer({ outputs: rows }, () => toTable(rows, PLAN, context.look));
        return;
      }
      const client = await context.client();
      const imported: Imported[] = [];
      for (const { out, dataset } of plan) {
        const sent = await pushOut(context, client, repository, dataset, out);
        const { version, created } = await client.dvc.adopt(
          {
            dataset,
            name: out.md5,
            legacy: out.legacy,
            path: basename(out.path),
            message: `Imported from DVC: ${out.path} (${out.source})`,
          },
          { signal: context.signal },
        );
        imported.push({ path: out.path, md5: out.md5, ref: version.ref, created, files: version.files, bytes: version.bytes, sent });
      }
      context.answer({ imported }, () => toTable(imported, IMPORTED, context.look));
    });

  data
    .command('export-dvc')
    .description("Write a version into a DVC repository's cache, with the .dvc file that names it")
    .argument('<name:version>', 'version; the latest when only the name is given')
    .argument('<path>', 'where the output is to be, in a repository of DVC')
    .option('--file', 'write the only file of the version as a file, not as a directory with one file')
    .action(async (text: string, path: string, options: { file?: boolean }) => {
      const target = resolve(path);
      const repository = await openDvcRepository(await findRoot(target, path));
      const client = await context.client();
      const { name: dataset, version: asked } = toRefParts(text);
      const latest = asked === undefined || asked === 'latest';
      const version = await client.dataset.version({ dataset, version: latest ? 'latest' : Number(asked) });
      const published = await client.dvc.publish({ dataset, version: version.version }, { signal: context.signal });
      const [only] = published.files;
      const single = options.file === true;
      if (single && (published.files.length !== 1 || only === undefined))
        throw new UsageError(`${version.ref} has ${plural(published.files.length, 'file')}: --file is for a version with one.`);
      const wanted = new Map(published.files.map((file) => [file.md5, file.size]));
      const fetched = await fetchObjects(context, repository, dataset, single ? wanted : new Map([...wanted, [published.md5, 0]]));
      const out =
        single && only !== undefined
          ? { md5: only.md5, size: only.size, files: null }
          : { md5: published.md5, size: published.size, files: published.files.length };
      const dvcFile = `${target}.dvc`;
      await writeFile(dvcFile, toDvcFile({ ...out, path: basename(target) })).catch(async (error: unknown) =>
        Promise.reject(await unwritable(dvcFile, error)),
      );
      await ignore(target);
      const shown = relative(process.cwd(), dvcFile);
      context.answer({ ref: version.ref, file: dvcFile, ...out, fetched }, () =>
        [
          `${version.ref} is in ${shown} (${out.md5}); ${plural(fetched, 'object')} fetched into the cache`,
          `Next: dvc checkout ${shown}`,
        ].join('\n'),
      );
    });
}

interface Imported {
  readonly path: string;
  readonly md5: string;
  readonly ref: string;
  readonly created: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Objects that the server lacked. */
  readonly sent: number;
}

interface Planned {
  readonly dataset: string;
  readonly path: string;
  readonly md5: string;
  readonly cached: boolean;
}

const PLAN: readonly Column<Planned>[] = [
  { title: 'DATASET', value: (one) => one.dataset },
  { title: 'OUTPUT', value: (one) => one.path },
  { title: 'MD5', value: (one) => one.md5 },
  { title: 'IN CACHE', value: (one) => (one.cached ? 'yes' : 'no: run "dvc fetch"') },
];

const IMPORTED: readonly Column<Imported>[] = [
  { title: 'VERSION', value: (one) => (one.created ? one.ref : `${one.ref} (there already)`) },
  { title: 'OUTPUT', value: (one) => one.path },
  { title: 'FILES', value: (one) => one.files, align: 'right' },
  { title: 'SIZE', value: (one) => formatBytes(one.bytes), align: 'right' },
  { title: 'SENT', value: (one) => plural(one.sent, 'object'), align: 'right' },
];

function chooseOuts(outs: readonly DvcOut[], wanted: readonly string[]): readonly DvcOut[] {
  if (outs.length === 0) throw new UsageError('The repository tracks no output with a hash: there is nothing to import.');
  if (wanted.length === 0) return outs;
  return wanted.map((path) => {
    const name = path.replace(/^\.\//, '').replace(/(\.dvc|\/)$/, '');
    const out = outs.find((one) => one.path === name);
    if (out === undefined)
      throw new UsageError(`The repository tracks no output "${path}"; it has ${outs.map((one) => one.path).join(', ')}.`);
    return out;
  });
}

/** Sends an output's objects that the server lacks, a directory's list last. Returns how many were sent. */
async function pushOut(context: Context, client: Client, repository: DvcRepository, dataset: string, out: DvcOut): Promise<number> {
  const isTree = out.md5.endsWith('.dir');
  const names = isTree ? (await readTree(repository, out)).map((entry) => entry.md5) : [out.md5];
  const unique = [...new Set(names)];
  const lacking: string[] = [];
  for (let at = 0; at < unique.length; at += ASKED) {
    const { missing } = await client.dvc.missing(
      { dataset, names: unique.slice(at, at + ASKED), legacy: out.legacy },
      { signal: context.signal },
    );
    lacking.push(...missing);
  }
  const progress = createProgress(`Sending ${out.path}`, lacking.length, process.stderr, Date.now, (count) => plural(count, 'object'));
  try {
    await forEach(lacking, TRANSFERS, async (md5) => {
      await send(context, repository, dataset, md5, out.legacy);
      progress.add(1);
    });
  } finally {
    progress.end();
  }
  if (!isTree) return lacking.length;
  await send(context, repository, dataset, out.md5, out.legacy);
  return lacking.length + 1;
}

async function readTree(repository: DvcRepository, out: DvcOut): Promise<ReturnType<typeof fromTreeText>> {
  const path = objectPath(repository, out.md5, out.legacy);
  const text = await readFile(path, 'utf8').catch(async (error: unknown) => Promise.reject(await notCached(out.path, path, error)));
  return fromTreeText(text, out.md5);
}

const notCached = async (shown: string, path: string, error: unknown): Promise<Error> =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? failure('file_unreadable', { path: shown, reason: 'its content is not in the cache; run "dvc fetch" first' })
    : unreadable(path, error);

const addressOf = ({ server }: Context, dataset: string, md5: string, legacy: boolean): string =>
  `${server.replace(/\/$/, '')}/dvc/${dataset}/${legacy ? '' : 'files/md5/'}${md5.slice(0, 2)}/${md5.slice(2)}`;

/** The server hashes what it gets, so a damaged cache is refused by name. */
async function send(context: Context, repository: DvcRepository, dataset: string, md5: string, legacy: boolean): Promise<void> {
  const path = objectPath(repository, md5, legacy);
  const { size } = await stat(path).catch(async (error: unknown) => Promise.reject(await notCached(md5, path, error)));
  const response = await fetch(addressOf(context, dataset, md5, legacy), {
    method: 'PUT',
    headers: { 'content-length': String(size), 'x-pawl-actor': context.actor, 'x-pawl-version': 'none' },
    body: size === 0 ? new Uint8Array(0) : (Readable.toWeb(createReadStream(path)) as ReadableStream),
    duplex: 'half',
    signal: context.signal,
  } as RequestInit).catch((error: unknown) =>
    Promise.reject(context.signal.aborted ? context.signal.reason : toUnreachable(context.server, error)),
  );
  await refuse(context, response);
  await response.body?.cancel();
}

async function refuse(context: Context, response: Response): Promise<void> {
  if (response.ok) return;
  const { error = response.statusText } = (await response.json().catch(() => ({}))) as { error?: string };
  throw toApiError(context.server, response.status, {
    error: { code: response.status === 422 ? 'blob_corrupt' : 'invalid_input', message: error, details: {} },
  });
}

/** Puts objects into the cache as DVC does: verified, read-only, whole or not at all. Returns how many were not there. */
async function fetchObjects(
  context: Context,
  repository: DvcRepository,
  dataset: string,
  wanted: ReadonlyMap<string, number>,
): Promise<number> {
  const lacking = Array.from(wanted.keys()).filter((md5) => !existsSync(objectPath(repository, md5, false)));
  const progress = createProgress('Fetching', lacking.length, process.stderr, Date.now, (count) => plural(count, 'object'));
  try {
    await forEach(lacking, TRANSFERS, async (md5) => {
      const path = objectPath(repository, md5, false);
      await mkdir(dirname(path), { recursive: true }).catch(async (error: unknown) => Promise.reject(await unwritable(path, error)));
      const aside = join(dirname(path), `.${randomBytes(8).toString('hex')}.part`);
      try {
        const response = await fetch(addressOf(context, dataset, md5, false), { signal: context.signal });
        await refuse(context, response);
        const hash = createHash('md5');
        const source = Readable.fromWeb((response.body ?? new Blob([]).stream()) as never);
        source.on('data', (chunk: Buffer) => hash.update(chunk));
        await pipeline(source, createWriteStream(aside, { flags: 'wx' }), { signal: context.signal });
        if (hash.digest('hex') !== md5.slice(0, 32)) throw await failure('blob_corrupt', { digest: `sha256:${md5}`, found: 'another MD5' });
        await chmod(aside, 0o444);
        await rename(aside, path);
      } finally {
        await rm(aside, { force: true });
      }
      progress.add(1);
    });
  } finally {
    progress.end();
  }
  return lacking.length;
}

/** The nearest folder above with `.dvc` in it. */
async function findRoot(target: string, shown: string): Promise<string> {
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.dvc'))) return folder;
    if (folder === dirname(folder))
      throw await failure('file_unreadable', { path: shown, reason: 'it lies in no repository of DVC ("dvc init" makes one)' });
  }
}

/** The output itself stays out of git, as after `dvc add`. */
async function ignore(target: string): Promise<void> {
  const path = join(dirname(target), '.gitignore');
  const line = `/${basename(target)}`;
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.split('\n').includes(line)) return;
  await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`).catch(async (error: unknown) =>
    Promise.reject(await unwritable(path, error)),
  );
}
