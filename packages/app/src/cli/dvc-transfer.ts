import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromTreeText } from '@pawl/core';
import { toApiError, toUnreachable } from '@pawl/client';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { objectPath } from './dvc-repository.ts';
import type { DvcOut, DvcRepository } from './dvc-repository.ts';
import { failure, unreadable, unwritable } from './fail.ts';
import { plural } from './format.ts';
import { forEach } from './parallel.ts';
import { createProgress } from './progress.ts';

const TRANSFERS = 8;
/** Names asked for in one request. */
const ASKED = 50_000;

/** Sends an output's objects that the server lacks, a directory's list last. Returns how many were sent. */
export async function pushOut(context: Context, client: Client, repository: DvcRepository, dataset: string, out: DvcOut): Promise<number> {
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
export async function fetchObjects(
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
export async function findRoot(target: string, shown: string): Promise<string> {
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.dvc'))) return folder;
    if (folder === dirname(folder))
      throw await failure('file_unreadable', { path: shown, reason: 'it lies in no repository of DVC ("dvc init" makes one)' });
  }
}

/** The output itself stays out of git, as after `dvc add`. */
export async function ignore(target: string): Promise<void> {
  const path = join(dirname(target), '.gitignore');
  const line = `/${basename(target)}`;
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.split('\n').includes(line)) return;
  await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`).catch(async (error: unknown) =>
    Promise.reject(await unwritable(path, error)),
  );
}
