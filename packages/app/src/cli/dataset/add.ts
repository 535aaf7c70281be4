import type { Client, DatasetVersion } from '@pawl/client';
import type { Digest, Manifest } from '@pawl/core';
import type { DigestedFolder, WorkspaceRows, WorkspaceState } from '@pawl/drivers/workspace';
import type { Context } from '../context.ts';
import { createTransfer } from '../transfer.ts';
import { statePath } from './place.ts';
import type { Sent } from './send.ts';
import { takeFiles, toEntry } from './take.ts';
import type { TakeOptions, Taken } from './take.ts';

export interface AddOptions extends TakeOptions {
  readonly message?: string | undefined;
  readonly branch?: string | undefined;
  readonly source?: DatasetVersion['source'] | undefined;
  /** A name under which what is there is remembered, when the path is another each time. */
  readonly remembered?: string | undefined;
}

export interface Added {
  readonly created: boolean;
  readonly version: DatasetVersion;
  readonly sent: Sent;
  /** The version that the folder came from, when another was added in between. */
  readonly passed: number | undefined;
}

/** Up to so many files a manifest goes along in the request. */
const INLINE = 2000;
/** A large table is described before its version is there. */
const COMMIT_MS = 60 * 60_000;

/** Makes a folder, or one file, the next version of a dataset. Only what changed since the last time is read, and only what the server lacks is sent. */
export async function addFolder(context: Context, client: Client, dataset: string, path: string, options: AddOptions): Promise<Added> {
  const { readState, writeState } = await import('@pawl/drivers/workspace');
  const remembered = statePath(options.remembered ?? path);
  const found = readState(remembered);
  const state = found.base?.server === context.server ? found : { ...found, base: undefined };
  const taken = await takeFiles(context, client, path, options, state);
  try {
    const commit = async (): Promise<{ readonly created: boolean; readonly version: DatasetVersion }> => {
      const body = {
        dataset,
        message: options.message,
        branch: options.branch,
        source: options.source ?? undefined,
        ...(await toBody(context, taken, dataset, state)),
      };
      return client.dataset.add(body, { signal: context.signal, timeoutMs: COMMIT_MS });
    };
    const answer = await commit().catch(async (error: unknown) => {
      // The server has lost what it had: another home at the same address, or a collection.
      if ((error as { code?: string }).code !== 'blob_not_found') throw error;
      await taken.sendAgain();
      return commit();
    });
    const { version } = answer;
    const isAsBefore = state.base?.dataset === dataset && state.base.version === version.version && isBase(taken.folder, state);
    if (options.skip === undefined && !isAsBefore)
      writeState(remembered, {
        base: {
          dataset,
          version: version.version,
          branch: version.branch,
          manifest: version.manifest as Digest,
          server: context.server,
          under: state.base?.under ?? [],
        },
        rows: await toRows(taken.folder, state),
      });
    const wasUpon = state.base?.dataset === dataset ? state.base.version : undefined;
    const passed = answer.created && wasUpon !== undefined && wasUpon !== version.parent ? wasUpon : undefined;
    return { ...answer, sent: taken.sent(), passed };
  } finally {
    await taken.close();
  }
}

interface Body {
  readonly manifest?: { readonly entries: Entry[] };
  readonly manifest_digest?: string;
  readonly changes?: { readonly base: number; readonly put: Entry[]; readonly remove: string[] };
}

type Entry = { path: string; digest: string; size: number; mode: number };

/** Names the files in the shortest way: what differs from the base, or a manifest. */
async function toBody(context: Context, taken: Taken, dataset: string, state: WorkspaceState): Promise<Body> {
  const { folder, root } = taken;
  if (state.base?.dataset === dataset) {
    const { base } = state;
    const [put, remove] = differences(folder, state);
    if (put.length === 0 && remove.length === 0 && base.under.length === 0) return { manifest_digest: base.manifest };
    // A part of a version changes that part only.
    if (base.under.length > 0 || put.length + remove.length < folder.count / 4) return { changes: { base: base.version, put, remove } };
  }
  const manifest = { entries: Array.from(folder.files(), toEntry) };
  if (folder.count <= INLINE) return { manifest };
  const { toManifestText } = await import('@pawl/core/content');
  const text = new TextEncoder().encode(toManifestText(manifest as Manifest));
  if (root !== undefined) {
    const { createFsBlobs } = await import('@pawl/drivers/workspace');
    return { manifest_digest: (await createFsBlobs({ root }).putShared(text)).digest };
  }
  const transfer = createTransfer(context);
  try {
    return { manifest_digest: await transfer.putBytes(text) };
  } finally {
    transfer.close();
  }
}

/** Entries to put and paths to remove, from the base to the files. */
function differences(folder: DigestedFolder, { rows }: WorkspaceState): readonly [Entry[], string[]] {
  const put: Entry[] = [];
  const here = new Set<string>();
  for (const file of folder.changed) {
    here.add(file.path);
    const base = rows.get(file.path)?.base;
    if (base?.digest !== file.digest || base.mode !== file.mode) put.push(toEntry(file));
  }
  const remove: string[] = [];
  for (let position = 0; position < rows.paths.length; position += 1) {
    const isSame = folder.isSame(position);
    if (isSame && rows.isBase(position)) continue;
    const { path, disk, base } = rows.at(position);
    if (isSame && disk !== undefined) put.push({ path, digest: disk.digest, size: disk.size, mode: disk.entryMode });
    else if (base !== undefined && !here.has(path)) remove.push(path);
  }
  return [put, remove];
}

/** Whether the folder is what is remembered of it, and that is its base. */
function isBase(folder: DigestedFolder, { rows }: WorkspaceState): boolean {
  return folder.changed.length === 0 && rows.paths.every((_, position) => folder.isSame(position) && rows.isBase(position));
}

/** What is remembered once the files are those of a version. */
async function toRows(folder: DigestedFolder, { rows }: WorkspaceState): Promise<WorkspaceRows> {
  const { buildRows } = await import('@pawl/drivers/workspace');
  const builder = buildRows(folder.count);
  for (const one of folder.each()) {
    if (typeof one === 'number' && rows.isBase(one)) builder.copy(rows, one);
    else {
      const { path, disk } = typeof one === 'number' ? rows.at(one) : one;
      if (disk !== undefined) builder.add({ path, disk, base: { digest: disk.digest, size: disk.size, mode: disk.entryMode } });
    }
  }
  return builder.end();
}
