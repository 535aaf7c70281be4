import type { Client, DatasetManifest } from '@pawl/client';
import type { DigestedFile, DigestedFolder, Threads, WorkspaceState } from '@pawl/drivers/workspace';
import type { Context } from '../context.ts';
import { createProgress } from '../progress.ts';
import { findStore } from './place.ts';
import type { TransferOptions } from './place.ts';
import { findLacking, sendFiles } from './send.ts';
import type { Sent } from './send.ts';

export interface Taken {
  readonly folder: DigestedFolder;
  /** Folder of the server's store, where it is on this machine. */
  readonly root: string | undefined;
  /** Content that the server did not have. */
  sent(): Sent;
  /** Asks the server for every content anew, and sends what it lacks. */
  sendAgain(): Promise<void>;
  close(): Promise<void>;
}

export interface TakeOptions extends TransferOptions {
  /** Whether a path is left out. */
  readonly skip?: ((path: string, isFolder: boolean) => boolean) | undefined;
}

/**
 * Reads what changed in a folder since the state was taken and makes its content known to the server; nothing names that content until a version does. What the state's base
 * names is there already, so a state of another server comes without its base.
 */
export async function takeFiles(
  context: Context,
  client: Client,
  path: string,
  options: TakeOptions,
  state: WorkspaceState,
): Promise<Taken> {
  const { createThreads, digestFolder } = await import('@pawl/drivers/workspace');
  const { signal } = context;
  const store = await findStore(context, client, options);
  const threads = createThreads({ store });
  const sent = { files: 0, bytes: 0 };
  const tally = ({ files, bytes }: Sent): void => {
    sent.files += files;
    sent.bytes += bytes;
  };
  const send = async (wanted: readonly DigestedFile[]): Promise<void> => {
    const lacking = await findLacking(context, client, wanted);
    if (store === undefined) tally(await sendFiles(context, client, threads, lacking));
    else tally(await storeAgain(threads, lacking));
  };
  try {
    const progress = createProgress('Reading', 0);
    const folder = await digestFolder({
      root: path,
      state,
      threads,
      stores: store !== undefined,
      signal,
      onFound: (bytes) => progress.grow(bytes),
      onRead: (bytes) => progress.add(bytes),
      ...(options.skip === undefined ? {} : { skip: options.skip }),
    }).finally(() => progress.end());
    if (store !== undefined) tally(await publish(threads));
    const unknown = unknownFiles(folder, state, store !== undefined);
    if (unknown.length > 0) await send(unknown);
    return { folder, root: store?.root, sent: () => sent, sendAgain: () => send(Array.from(folder.files())), close: () => threads.close() };
  } catch (error) {
    await threads.close();
    throw error;
  }
}

/** Files whose content the server is not sure to have. `isStored`: what was read went to its store. */
function unknownFiles(folder: DigestedFolder, { base, rows }: WorkspaceState, isStored: boolean): readonly DigestedFile[] {
  const isThere = (file: DigestedFile): boolean =>
    (isStored && file.isRead) || (base !== undefined && rows.get(file.path)?.base?.digest === file.digest);
  const isKnown = (position: number): boolean => base !== undefined && folder.isSame(position) && rows.isBase(position);
  const mayBe = rows.paths.some((_, position) => folder.isSame(position) && !isKnown(position)) ? folder.files() : folder.changed;
  return Array.from(mayBe).filter((file) => !isThere(file));
}

async function storeAgain(threads: Threads, files: readonly DigestedFile[]): Promise<Sent> {
  const sources = files.map(({ absolute, size }) => ({ absolute, size, before: undefined }));
  await threads.run({ kind: 'take', files: sources });
  return publish(threads);
}

async function publish(threads: Threads): Promise<Sent> {
  const results = await threads.everywhere({ kind: 'publish' });
  return {
    files: results.reduce((sum, { stored }) => sum + stored, 0),
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Makes the content of a folder, or of one file, known to the server, for whatever is to name it. */
export async function uploadFiles(
  context: Context,
  client: Client,
  path: string,
): Promise<{ readonly manifest: DatasetManifest; readonly sent: Sent }> {
  const { EMPTY_STATE } = await import('@pawl/drivers/workspace');
  const taken = await takeFiles(context, client, path, {}, EMPTY_STATE);
  try {
    return { manifest: { entries: Array.from(taken.folder.files(), toEntry) }, sent: taken.sent() };
  } finally {
    await taken.close();
  }
}

export const toEntry = ({ path, digest, size, mode }: DigestedFile): DatasetManifest['entries'][number] => ({ path, digest, size, mode });
