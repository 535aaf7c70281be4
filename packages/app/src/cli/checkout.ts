import { createHash, randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DatasetManifest } from '@pawl/client';
import type { Context } from './context.ts';
import { failure, unwritable } from './fail.ts';
import { digestFile } from './files.ts';
import { forEach } from './parallel.ts';
import { createProgress } from './progress.ts';
import { TRANSFERS, createTransfer } from './transfer.ts';
import type { Transfer } from './transfer.ts';

type Entry = DatasetManifest['entries'][number];

export interface CheckedOut {
  readonly written: number;
  /** Files that were there already, with the same content. */
  readonly kept: number;
  readonly bytes: number;
}

/**
 * Puts a version's files under a folder: each is verified and appears whole or not at all. A file with other content in the way is left alone and
 * refused, unless `force` replaces it. Throws `path_unsafe`, `invalid_input`, `not_writable`, `blob_corrupt`.
 */
export async function checkOut(context: Context, manifest: DatasetManifest, folder: string, force: boolean): Promise<CheckedOut> {
  const { signal } = context;
  await checkPaths(manifest.entries);
  await makeFolders(folder, manifest.entries);
  const wanted = await missingFrom(folder, manifest.entries, force, signal);
  const byDigest = Map.groupBy(wanted, (entry) => entry.digest);
  const bytes = Array.from(byDigest.values()).reduce((sum, [entry]) => sum + (entry?.size ?? 0), 0);
  const transfer = createTransfer(context);
  const progress = createProgress('Fetching', bytes);
  try {
    await forEach(Array.from(byDigest.values()), TRANSFERS, (entries) =>
      place(transfer, folder, entries, signal, (count) => progress.add(count)),
    );
  } finally {
    progress.end();
    transfer.close();
  }
  signal.throwIfAborted();
  return { written: wanted.length, kept: manifest.entries.length - wanted.length, bytes };
}

/** The server checks this too; what is written to a disk is checked by the one who writes. */
async function checkPaths(entries: readonly Entry[]): Promise<void> {
  const { isSafePath } = await import('@pawl/core');
  const seen = new Set<string>();
  for (const { path } of entries) {
    if (!isSafePath(path) || seen.has(path)) throw await failure('path_unsafe', { path });
    seen.add(path);
  }
}

/** Makes the folders that files go to. One that is a link might lead out of the folder: it is refused. */
async function makeFolders(folder: string, entries: readonly Entry[]): Promise<void> {
  const parents = new Set(
    entries.flatMap(({ path }) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, index, parts) => parts.slice(0, index + 1).join('/')),
    ),
  );
  try {
    await mkdir(folder, { recursive: true });
    for (const parent of Array.from(parents).toSorted()) {
      const path = join(folder, parent);
      await mkdir(path).catch(ignoring('EEXIST'));
      if (!(await lstat(path)).isDirectory()) throw await failure('not_writable', { path, reason: 'it must be a folder, and no link' });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw await unwritable((error as NodeJS.ErrnoException).path ?? folder, error);
  }
}

const ignoring = (code: string) => (error: NodeJS.ErrnoException) => {
  if (error.code !== code) throw error;
};

/** The entries to write. A file with the right content only gets its mode. */
async function missingFrom(folder: string, entries: readonly Entry[], force: boolean, signal: AbortSignal): Promise<readonly Entry[]> {
  const wanted: Entry[] = [];
  const inTheWay: string[] = [];
  await forEach(entries, TRANSFERS, async (entry) => {
    const path = join(folder, entry.path);
    const found = await lstat(path).catch(ignoring('ENOENT'));
    if (
      found?.isFile() === true &&
      found.size === entry.size &&
      (await digestFile({ absolute: path, size: entry.size }, signal)) === entry.digest
    ) {
      if ((found.mode & 0o777) !== entry.mode)
        await chmod(path, entry.mode & 0o777).catch(async (error: unknown) => Promise.reject(await unwritable(path, error)));
      return;
    }
    wanted.push(entry);
    if (found !== undefined && (!force || found.isDirectory())) inTheWay.push(entry.path);
  });
  const [first] = inTheWay.toSorted();
  if (first === undefined) return wanted;
  const others = inTheWay.length === 1 ? '' : ` and ${inTheWay.length - 1} more`;
  throw await failure('not_writable', {
    path: join(folder, first),
    reason: `it${others} would be replaced by other content; choose another folder, or --force`,
  });
}

/** Fetches one content and puts it wherever it belongs, each by a rename. */
async function place(
  transfer: Transfer,
  folder: string,
  entries: readonly Entry[],
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<void> {
  const [first, ...others] = entries;
  if (first === undefined) return;
  const path = join(folder, first.path);
  const aside = new Set<string>();
  const makeAside = (target: string): string => {
    const name = join(dirname(target), `.pawl-${randomBytes(8).toString('hex')}.part`);
    aside.add(name);
    return name;
  };
  try {
    const whole = makeAside(path);
    await fetchTo(transfer, first, whole, signal, onBytes);
    const moves: [string, string][] = [];
    for (const other of others) {
      const target = join(folder, other.path);
      const copy = makeAside(target);
      await copyFile(whole, copy, constants.COPYFILE_EXCL);
      await chmod(copy, other.mode & 0o777);
      moves.push([copy, target]);
    }
    await chmod(whole, first.mode & 0o777);
    for (const [from, to] of [...moves, [whole, path] as const]) {
      await rename(from, to);
      aside.delete(from);
    }
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw await unwritable(path, error);
  } finally {
    for (const name of aside) await rm(name, { force: true });
  }
}

/** Up to this size a file is held whole: one write is much faster than a stream. */
const SMALL = 1024 * 1024;

async function fetchTo(
  transfer: Transfer,
  entry: Entry,
  path: string,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<void> {
  const hash = createHash('sha256');
  const source = await transfer.get(entry.digest);
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      hash.update(piece);
      onBytes(piece.byteLength);
      yield piece;
    }
  };
  const file = { flag: 'wx', flags: 'wx', mode: 0o600, signal };
  if (entry.size <= SMALL) await writeFile(path, await collect(counted()), file);
  else await pipeline(counted(), createWriteStream(path, file), { signal });
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== entry.digest) throw await failure('blob_corrupt', { digest: entry.digest, found });
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
