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
  const { buildRows, createThreads, digestFolder, readState, writeState } = await import('@pawl/drivers/workspace');
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
    const folder = await digestFolder({
      root: path,
      state,
      threads,
      stores: false,
      signal: context.signal,
      onFound: (bytes) => progress.grow(bytes),
      onRead: (bytes) => progress.add(bytes),
    });
    const { rows } = state;
    const changes: FileStatus[] = [];
    const here = new Set<string>();
    for (const { path: name, digest, size, mode } of folder.changed) {
      here.add(name);
      const was = rows.get(name)?.base;
      if (was === undefined) changes.push({ path: name, change: 'added', size });
      else if (was.digest !== digest) changes.push({ path: name, change: 'changed', size });
      else if (was.mode !== mode) changes.push({ path: name, change: 'mode', size });
    }
    const gone: WorkspaceRow[] = [];
    for (let position = 0; position < rows.paths.length; position += 1) {
      const isSame = folder.isSame(position);
      if (isSame && rows.isBase(position)) continue;
      const { path: name, disk, base: was } = rows.at(position);
      if (isSame && disk !== undefined) {
        const change = was === undefined ? 'added' : was.digest === disk.digest ? 'mode' : 'changed';
        changes.push({ path: name, change, size: disk.size });
      } else if (!here.has(name) && was !== undefined) {
        gone.push({ path: name, disk: undefined, base: was });
        changes.push({ path: name, change: 'removed', size: was.size });
      }
    }
    // What was read need not be read again.
    if (folder.changed.length > 0 || gone.some((row) => rows.get(row.path)?.disk !== undefined)) {
      const builder = buildRows(folder.count + gone.length);
      let next = 0;
      const addGone = (before?: string): void => {
        for (let row = gone[next]; row !== undefined && (before === undefined || row.path < before); row = gone[next]) {
          builder.add(row);
          next += 1;
        }
      };
      for (const one of folder.each()) {
        addGone(typeof one === 'number' ? rows.paths[one] : one.path);
        if (typeof one === 'number') builder.copy(rows, one);
        else builder.add({ path: one.path, disk: one.disk, base: rows.get(one.path)?.base });
      }
      addGone();
      writeState(remembered, { base, rows: builder.end() });
    }
    return { base, files: folder.count, changes: changes.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
  } finally {
    progress.end();
    await threads.close();
  }
}
