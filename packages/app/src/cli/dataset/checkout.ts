import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Client, DatasetVersion } from '@pawl/client';
import type { Digest, Manifest, ManifestEntry } from '@pawl/core';
import type { Target, Threads, WorkspaceRows, WorkspaceState } from '@pawl/drivers/workspace';
import type { Context } from '../context.ts';
import { failure, unwritable } from '../fail.ts';
import { createTransfer } from '../transfer.ts';
import { fetchTargets } from './fetch.ts';
import { findStore, statePath } from './place.ts';
import type { TransferOptions } from './place.ts';

export interface CheckoutOptions extends TransferOptions {
  /** Only these files and folders of the version; all of it when there is none. */
  readonly only: readonly string[];
  readonly force: boolean;
}

export interface CheckedOut {
  readonly written: number;
  /** Files that were there already, with the same content. */
  readonly kept: number;
  /** Files of the version before that this one has not. */
  readonly removed: number;
  readonly bytes: number;
}

/**
 * Puts a version's files into a folder, each verified; a file appears whole or not at all, and so does a folder that was not there. What the version before had and this one has
 * not goes; what was changed in the folder since is left alone and refused, unless `force` replaces it. Throws `path_unsafe`, `not_writable`, `blob_corrupt`.
 */
export async function checkOut(
  context: Context,
  client: Client,
  version: DatasetVersion,
  folder: string,
  options: CheckoutOptions,
): Promise<CheckedOut> {
  const { EMPTY_STATE, createThreads, readState, writeState } = await import('@pawl/drivers/workspace');
  const store = await findStore(context, client, options);
  const entries = await select(await readManifest(context, version.manifest, store?.root), version.ref, options.only);
  const threads = createThreads({ store });
  try {
    const isFresh = isEmpty(folder);
    const place = isFresh ? toPart(folder, version.manifest) : folder;
    const state: WorkspaceState = isFresh ? EMPTY_STATE : readState(statePath(folder));
    const isNew = await makeFolders(place, entries);
    const found = isNew ? new Map<string, FoundFile>() : await look(threads, place, entries, state.rows, context.signal);
    const wanted = entries.filter((entry) => found.get(entry.path)?.digest !== entry.digest);
    if (!isFresh) await refuseChanged(folder, wanted, found, state, options.force);
    const targets = toTargets(place, wanted);
    const stamps = await fetchTargets(context, threads, targets, { isLocal: store !== undefined, fresh: isFresh && found.size === 0 });
    for (const { path, mode } of found.size === 0 ? [] : entries) {
      const is = found.get(path);
      if (is !== undefined && is.mode !== mode && !is.isLinked) chmodSync(join(place, path), mode);
    }
    const removed = options.only.length > 0 ? 0 : removeLeft(folder, entries, state);
    if (isFresh) publish(place, folder);
    const base = {
      dataset: version.dataset,
      version: version.version,
      branch: version.branch,
      manifest: version.manifest as Digest,
      server: context.server,
      under: options.only,
    };
    writeState(statePath(folder), { base, rows: await toRows(folder, entries, wanted, stamps) });
    return {
      written: wanted.length,
      kept: entries.length - wanted.length,
      removed,
      bytes: targets.reduce((sum, { size }) => sum + size, 0),
    };
  } finally {
    await threads.close();
  }
}

/** A manifest by its digest, verified; from the server's store where it is on this machine. Throws `blob_not_found`, `blob_corrupt`, `path_unsafe`. */
export async function readManifest(context: Context, manifest: string, root: string | undefined): Promise<Manifest> {
  const { checkManifest } = await import('@pawl/core/content');
  let bytes: Uint8Array;
  if (root === undefined) {
    const transfer = createTransfer(context);
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of await transfer.get(manifest)) pieces.push(piece);
      bytes = Buffer.concat(pieces);
    } finally {
      transfer.close();
    }
    const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (found !== manifest) throw await failure('blob_corrupt', { digest: manifest, found });
  } else {
    const { createFsBlobs } = await import('@pawl/drivers/workspace');
    bytes = await createFsBlobs({ root }).read(manifest as Digest);
  }
  // The server checks this too; what is written to a disk is checked by the one who writes.
  return checkManifest(JSON.parse(new TextDecoder().decode(bytes)) as Manifest);
}

async function select(manifest: Manifest, ref: string, only: readonly string[]): Promise<readonly ManifestEntry[]> {
  if (only.length === 0) return manifest.entries;
  const { byPath, entriesUnder } = await import('@pawl/core/content');
  const chosen = new Set<ManifestEntry>();
  for (const path of only) {
    const below = entriesUnder(manifest, path);
    if (below.length === 0) throw await failure('dataset_file_not_found', { ref, path });
    for (const entry of below) chosen.add(entry);
  }
  return Array.from(chosen).toSorted(byPath);
}

export function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Where a new folder is built: the same for the same version, so that a checkout that was killed goes on where it was. */
export function toPart(folder: string, manifest: string): string {
  const whole = resolve(folder);
  return join(dirname(whole), `.${basename(whole)}.pawl-${manifest.slice(7, 19)}.part`);
}

export function publish(part: string, folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  renameSync(part, folder);
}

/** Makes the folders that files go to; true when there was none. One that is a link might lead out of the folder: it is refused. */
export async function makeFolders(folder: string, entries: readonly ManifestEntry[]): Promise<boolean> {
  const parents = new Set<string>();
  for (const { path } of entries) {
    for (let at = path.lastIndexOf('/'); at > 0 && !parents.has(path.slice(0, at)); at = path.lastIndexOf('/', at - 1))
      parents.add(path.slice(0, at));
  }
  try {
    const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
    for (const parent of Array.from(parents).toSorted()) {
      const path = join(folder, parent);
      try {
        mkdirSync(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        if (!lstatSync(path).isDirectory()) throw await failure('not_writable', { path, reason: 'it must be a folder, and no link' });
      }
    }
    return isNew;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw await unwritable((error as NodeJS.ErrnoException).path ?? folder, error);
  }
}

interface FoundFile {
  /** Undefined for what is no regular file. */
  readonly digest: Digest | undefined;
  readonly mode: number;
  /** Shared with the store, so that its mode is not the version's. */
  readonly isLinked: boolean;
}

/** What is at the places of the entries: known by the state, or read. */
export async function look(
  threads: Threads,
  folder: string,
  entries: readonly ManifestEntry[],
  rows: WorkspaceRows,
  signal: AbortSignal,
): Promise<Map<string, FoundFile>> {
  const found = new Map<string, FoundFile>();
  const unsure: { readonly entry: ManifestEntry; readonly absolute: string; readonly mode: number }[] = [];
  for (const entry of entries) {
    const absolute = join(folder, entry.path);
    const is = lstatSync(absolute, { throwIfNoEntry: false, bigint: true });
    if (is === undefined) continue;
    const [mode, size] = [Number(is.mode) & 0o777, Number(is.size)];
    const position = rows.find(entry.path);
    const isKnown = position >= 0 && is.isFile() && rows.isUnchanged(position, { inode: is.ino, mtimeNs: is.mtimeNs, size });
    const row = isKnown ? rows.at(position).disk : undefined;
    if (!is.isFile()) found.set(entry.path, { digest: undefined, mode, isLinked: false });
    else if (row !== undefined)
      found.set(entry.path, { digest: row.digest, mode, isLinked: row.mode !== row.entryMode && row.entryMode === entry.mode });
    else if (size === entry.size) unsure.push({ entry, absolute, mode });
    else found.set(entry.path, { digest: undefined, mode, isLinked: false });
  }
  for (let at = 0; at < unsure.length; at += 512) {
    signal.throwIfAborted();
    const some = unsure.slice(at, at + 512);
    const { digests } = await threads.run({
      kind: 'digest',
      files: some.map(({ entry, absolute }) => ({ absolute, size: entry.size })),
    });
    for (const [index, { entry, mode }] of some.entries()) found.set(entry.path, { digest: digests[index], mode, isLinked: false });
  }
  return found;
}

/** A file that is as the version before had it may be replaced; any other is somebody's work. */
async function refuseChanged(
  folder: string,
  wanted: readonly ManifestEntry[],
  found: ReadonlyMap<string, FoundFile>,
  state: WorkspaceState,
  force: boolean,
): Promise<void> {
  const inTheWay = wanted.filter(({ path }) => {
    const is = found.get(path);
    if (is === undefined) return false;
    const row = state.rows.get(path);
    const isBase =
      row?.base !== undefined &&
      row.base.digest === (is.digest ?? row.disk?.digest) &&
      lstatSync(join(folder, path)).size === row.base.size;
    const isFolder = lstatSync(join(folder, path)).isDirectory();
    return isFolder || !(force || isBase);
  });
  const [first] = inTheWay;
  if (first === undefined) return;
  const others = inTheWay.length === 1 ? '' : ` and ${inTheWay.length - 1} more`;
  throw await failure('not_writable', {
    path: join(folder, first.path),
    reason: `it${others} would be replaced by other content; choose another folder, or --force`,
  });
}

/** One target for each content: several files may have it. */
export function toTargets(folder: string, wanted: readonly ManifestEntry[]): readonly Target[] {
  const targets = new Map<Digest, { digest: Digest; size: number; files: Target['files'][number][] }>();
  for (const [index, { path, digest, size, mode }] of wanted.entries()) {
    const file = { absolute: `${folder}${sep}${path}`, mode: mode & 0o777, index };
    const target = targets.get(digest);
    if (target === undefined) targets.set(digest, { digest, size, files: [file] });
    else target.files.push(file);
  }
  return Array.from(targets.values());
}

/** Takes away what the version before had and this one has not, where nobody has changed it. */
function removeLeft(folder: string, entries: readonly ManifestEntry[], state: WorkspaceState): number {
  const stays = new Set(entries.map(({ path }) => path));
  const folders = new Set<string>();
  let removed = 0;
  for (let position = 0; position < state.rows.paths.length; position += 1) {
    const { path, base, disk } = state.rows.at(position);
    if (base === undefined || stays.has(path)) continue;
    const absolute = join(folder, path);
    const is = lstatSync(absolute, { throwIfNoEntry: false, bigint: true });
    if (is === undefined || !is.isFile() || disk === undefined || disk.digest !== base.digest || is.mtimeNs !== disk.mtimeNs) continue;
    rmSync(absolute);
    removed += 1;
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) folders.add(parent);
  }
  for (const parent of Array.from(folders).toSorted((a, b) => b.length - a.length)) {
    try {
      rmdirSync(join(folder, parent));
    } catch {
      // It is not empty: something else is in it.
    }
  }
  return removed;
}

/** `stamps`: inode and time of what was written just now, as the threads saw it. */
async function toRows(
  folder: string,
  entries: readonly ManifestEntry[],
  wanted: readonly ManifestEntry[],
  stamps: BigUint64Array,
): Promise<WorkspaceRows> {
  const { buildRows, statFile, toDisk } = await import('@pawl/drivers/workspace');
  const now = BigInt(Date.now()) * 1_000_000n;
  const builder = buildRows(entries.length);
  let next = 0;
  for (const entry of entries) {
    const { path, digest, size, mode } = entry;
    const at = wanted[next] === entry ? next++ : -1;
    const [inode = 0n, mtimeNs = 0n] = at < 0 ? [] : [stamps[2 * at], stamps[2 * at + 1]];
    const file = inode === 0n ? statFile(path, join(folder, path)) : { inode, mtimeNs, size, mode };
    builder.add({ path, disk: toDisk(file, digest, mode, now), base: { digest, size, mode } });
  }
  return builder.end();
}
