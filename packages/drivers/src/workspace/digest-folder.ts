import { fault } from '@pawl/core';
import type { Digest } from '@pawl/core';
import { PACKED_UP_TO } from '../fs/blobs/store-writer.ts';
import { isUnchanged, toDisk } from './state.ts';
import type { WorkspaceRow, WorkspaceState } from './state.ts';
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
  readonly disk: NonNullable<WorkspaceRow['disk']>;
  /** It was read just now. */
  readonly isRead: boolean;
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
 * The digests of all files of a folder, in the order of their paths. Only what changed since the state was taken is read: by all threads, while the rest of the folder is still
 * being looked through. Throws `file_unreadable`, `path_unsafe`.
 */
export async function digestFolder(options: DigestOptions): Promise<{ readonly files: readonly DigestedFile[]; readonly read: number }> {
  const { root, state, threads, signal } = options;
  const files: DigestedFile[] = [];
  const pending: Promise<void>[] = [];
  let batch: { readonly file: WalkedFile; readonly index: number }[] = [];
  let bytes = 0;
  let read = 0;
  let failed: unknown;

  const keep = (index: number, file: WalkedFile, digest: Digest, mode: number, disk: DigestedFile['disk'], isRead: boolean): void => {
    files[index] = { path: file.path, absolute: file.absolute, size: file.size, mode, digest, disk, isRead };
  };

  const send = (): void => {
    const sent = batch;
    const readAt = BigInt(Date.now()) * 1_000_000n;
    const before = (path: string): Digest | undefined => state.rows.get(path)?.base?.digest;
    const total = bytes;
    pending.push(
      threads
        .run({ kind: 'take', files: sent.map(({ file }) => ({ absolute: file.absolute, size: file.size, before: before(file.path) })) })
        .then(({ digests }) => {
          for (const [at, { file, index }] of sent.entries()) {
            const digest = digests[at] as Digest;
            // Linking a large file to the store takes its right to be written to.
            const now = options.stores && file.size > PACKED_UP_TO ? statFile(file.path, file.absolute) : file;
            keep(index, file, digest, file.mode, toDisk(now, digest, file.mode, readAt), true);
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

  let index = 0;
  for (const file of walk(root, options)) {
    const disk = state.rows.get(file.path)?.disk;
    if (disk !== undefined && isUnchanged(file, disk)) {
      const mode = file.mode === disk.mode ? disk.entryMode : file.mode;
      keep(index, file, disk.digest, mode, file.mode === disk.mode ? disk : { ...disk, mode: file.mode, entryMode: mode }, false);
    } else {
      batch.push({ file, index });
      bytes += file.size;
      options.onFound?.(file.size);
      if (batch.length >= BATCH_FILES || bytes >= BATCH_BYTES) send();
    }
    index += 1;
    if (failed !== undefined || signal.aborted) break;
  }
  if (batch.length > 0 && failed === undefined) send();
  await Promise.all(pending);
  signal.throwIfAborted();
  if (failed !== undefined) throw failed;
  if (files.length === 0) throw fault('file_unreadable', { path: root, reason: 'it holds no file' });
  return { files: inOrder(files), read };
}

/** Folder by folder is nearly by path: only "a-b" comes before "a/b". */
function inOrder(files: DigestedFile[]): readonly DigestedFile[] {
  for (let index = 1; index < files.length; index += 1) {
    if ((files[index - 1]?.path ?? '') >= (files[index]?.path ?? '')) return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }
  return files;
}
