import type { WorkspaceBase, WorkspaceRow } from '@pawl/drivers/workspace';
import type { Context } from '../context.ts';
import { failure } from '../fail.ts';
import { createProgress } from '../progress.ts';
import { statePath } from './place.ts';

export interface FileStatus {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'mode' | 'removed';
  readonly size: number;
}

export interface FolderStatus {
  readonly base: WorkspaceBase;
  readonly files: number;
  readonly changes: readonly FileStatus[];
}

/** What differs in a folder from the version that it was added as or checked out from. No server is asked; only files that look changed are read. */
export async function statusOf(context: Context, path: string): Promise<FolderStatus> {
  const { createThreads, digestFolder, readState, writeState } = await import('@pawl/drivers/workspace');
  const remembered = statePath(path);
  const state = readState(remembered);
  const { base } = state;
  if (base === undefined)
    throw await failure('file_unreadable', {
      path,
      reason: 'nothing is remembered of it; add it with "pawl data add", or put a version into it with "pawl data checkout"',
    });
  const threads = createThreads({ store: undefined });
  const progress = createProgress('Reading', 0);
  try {
    const { files } = await digestFolder({
      root: path,
      state,
      threads,
      stores: false,
      signal: context.signal,
      onFound: (bytes) => progress.grow(bytes),
      onRead: (bytes) => progress.add(bytes),
    });
    const changes: FileStatus[] = [];
    const rows = new Map<string, WorkspaceRow>();
    let isNew = files.length !== state.rows.size;
    for (const { path: name, digest, size, mode, disk } of files) {
      const row = state.rows.get(name);
      isNew ||= row?.disk !== disk;
      rows.set(name, { path: name, disk, base: row?.base });
      if (row?.base === undefined) changes.push({ path: name, change: 'added', size });
      else if (row.base.digest !== digest) changes.push({ path: name, change: 'changed', size });
      else if (row.base.mode !== mode) changes.push({ path: name, change: 'mode', size });
    }
    for (const [name, { base: was }] of state.rows) {
      if (was === undefined || rows.has(name)) continue;
      rows.set(name, { path: name, disk: undefined, base: was });
      changes.push({ path: name, change: 'removed', size: was.size });
    }
    // What was read need not be read again.
    if (isNew) writeState(remembered, { base, rows });
    return { base, files: files.length, changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
  } finally {
    progress.end();
    await threads.close();
  }
}
