import { statSync } from 'node:fs';
import { resolve, join } from 'node:path';
import { fault } from '@pawl/core/content';
import type { Digest } from '@pawl/core';
import { PACKED_UP_TO } from '../fs/blobs/store-writer.ts';
import type { DiskFile } from './rows.ts';
import { toDisk } from './state.ts';
import type { WorkspaceState } from './state.ts';
import type { Threads } from './threads.ts';
import { statFile, walk } from './walk.ts';
import type { WalkOptions, WalkedFile } from './walk.ts';

export interface DigestedFile {
  readonly path: string;
  readonly absolute: string;
  readonly size: number;
  /** As in the version: a file that was linked to the store is read-only here, and not there. */
  readonly mode: number;
  readonly digest: Digest;
  readonly disk: DiskFile;
  /** It was read just now. */
  readonly isRead: boolean;
}

/** A folder's files, told by what the state does not say of them already. */
export interface DigestedFolder {
  readonly count: number;
  /** Files that were read. */
  readonly read: number;
  /** What is not on the disk as the state has it, in the order of paths. */
  readonly changed: readonly DigestedFile[];
  /** Whether the file of the state's row is on the disk as it was. */
  isSame(position: number): boolean;
  /** All files in the order of paths; for what did not change the position of its row comes instead. */
  each(): Generator<DigestedFile | number>;
  /** All files in the order of paths. */
  files(): Generator<DigestedFile>;
}

export interface DigestOptions extends WalkOptions {
  readonly root: string;
  readonly state: WorkspaceState;
  readonly threads: Threads;
  /** Threads that put content into a store on this machine change what they link. */
  readonly stores: boolean;
  readonly signal: AbortSignal;
  /** Bytes found to be read, and bytes read. */
  readonly onFound?: (bytes: number) => void;
  readonly onRead?: (bytes: number) => void;
}

const BATCH_FILES = 256;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * The digests of all files of a folder. Only what changed since the state was taken is read: by all threads, while the rest of the folder is still being looked through.
 * Throws `file_unreadable`, `path_unsafe`.
 */
export async function digestFolder(options: DigestOptions): Promise<DigestedFolder> {
  const { root, threads, signal } = options;
  const { rows } = options.state;
  const same = new Uint8Array(rows.paths.length);
  const changed: DigestedFile[] = [];
  const pending: Promise<void>[] = [];
  let batch: { readonly file: WalkedFile; readonly before: Digest | undefined; readonly index: number }[] = [];
  let bytes = 0;
  let read = 0;
  let failed: unknown;

  const keep = (index: number, file: WalkedFile, disk: DiskFile, isRead: boolean): void => {
    const { path, absolute, size } = file;
    changed[index] = { path, absolute, size, mode: disk.entryMode, digest: disk.digest, disk, isRead };
  };

  const send = (): void => {
    const sent = batch;
    const readAt = BigInt(Date.now()) * 1_000_000n;
    const total = bytes;
    pending.push(
      threads
        .run({ kind: 'take', files: sent.map(({ file, before }) => ({ absolute: file.absolute, size: file.size, before })) })
        .then(({ digests }) => {
          for (const [at, { file, index }] of sent.entries()) {
            // Linking a large file to the store takes its right to be written to.
            const now = options.stores && file.size > PACKED_UP_TO ? statFile(file.path, file.absolute) : file;
            keep(index, file, toDisk(now, digests[at] as Digest, file.mode, readAt), true);
          }
          read += sent.length;
          options.onRead?.(total);
        })
        .catch((error: unknown) => {
          failed ??= error;
        }),
    );
    batch = [];
    bytes = 0;
  };

  let [count, others] = [0, 0];
  for (const file of walk(root, options)) {
    count += 1;
    const position = rows.find(file.path);
    const isUnchanged = position >= 0 && rows.isUnchanged(position, file);
    if (isUnchanged && rows.modeAt(position) === file.mode) same[position] = 1;
    else {
      const row = position < 0 ? undefined : rows.at(position);
      if (isUnchanged && row?.disk !== undefined) keep(others, file, { ...row.disk, mode: file.mode, entryMode: file.mode }, false);
      else {
        batch.push({ file, before: row?.base?.digest, index: others });
        bytes += file.size;
        options.onFound?.(file.size);
        if (batch.length >= BATCH_FILES || bytes >= BATCH_BYTES) send();
      }
      others += 1;
    }
    if (failed !== undefined || signal.aborted) break;
  }
  if (batch.length > 0 && failed === undefined) send();
  await Promise.all(pending);
  signal.throwIfAborted();
  if (failed !== undefined) throw failed;
  if (count === 0) throw fault('file_unreadable', { path: root, reason: 'it holds no file' });
  const sorted = inOrder(changed);

  function* each(): Generator<DigestedFile | number> {
    let next = 0;
    for (const [position, path] of rows.paths.entries()) {
      if (same[position] !== 1) continue;
      for (let file = sorted[next]; file !== undefined && file.path < path; file = sorted[next]) {
        yield file;
        next += 1;
      }
      yield position;
    }
    yield* sorted.slice(next);
  }

  return {
    count,
    read,
    changed: sorted,
    isSame: (position) => same[position] === 1,
    each,
    *files() {
      const isFile = statSync(root).isFile();
      for (const one of each()) {
        if (typeof one !== 'number') yield one;
        else {
          const { path, disk } = rows.at(one);
          if (disk === undefined) continue;
          const { digest, size, entryMode } = disk;
          yield { path, absolute: isFile ? resolve(root) : join(root, path), size, mode: entryMode, digest, disk, isRead: false };
        }
      }
    },
  };
}

/** Folder by folder is nearly by path: only "a-b" comes before "a/b". */
function inOrder(files: DigestedFile[]): readonly DigestedFile[] {
  for (let index = 1; index < files.length; index += 1) {
    if ((files[index - 1]?.path ?? '') >= (files[index]?.path ?? '')) return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }
  return files;
}
