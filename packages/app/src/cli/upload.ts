import type { Client, DatasetManifest } from '@pawl/client';
import type { Context } from './context.ts';
import { digestFile, scanFiles } from './files.ts';
import type { LocalFile } from './files.ts';
import { forEach } from './parallel.ts';
import { createProgress } from './progress.ts';
import { TRANSFERS, createTransfer } from './transfer.ts';

export interface Uploaded {
  readonly manifest: DatasetManifest;
  /** Content that was not on the server yet. */
  readonly sent: { readonly files: number; readonly bytes: number };
}

/** Digests asked for in one request. */
const ASKED = 50_000;
const HASHERS = 4;

/** Makes the content of a folder, or of one file, known to the server, sending only what it lacks; nothing names that content until a version does. */
export async function uploadFiles(context: Context, client: Client, path: string): Promise<Uploaded> {
  const { signal } = context;
  const files = await scanFiles(path);
  const digests = await digestAll(files, signal);
  const lacking = await findLacking(client, files, digests, signal);
  const bytes = lacking.reduce((sum, { file }) => sum + file.size, 0);
  const transfer = createTransfer(context);
  const progress = createProgress('Sending', bytes);
  try {
    await forEach(lacking, TRANSFERS, ({ digest, file }) => transfer.put(digest, file, (count) => progress.add(count)));
  } finally {
    progress.end();
    transfer.close();
  }
  signal.throwIfAborted();
  const entries = files.map((file) => ({ path: file.path, digest: digests.get(file) ?? '', size: file.size, mode: file.mode }));
  return { manifest: { entries }, sent: { files: lacking.length, bytes } };
}

async function digestAll(files: readonly LocalFile[], signal: AbortSignal): Promise<ReadonlyMap<LocalFile, string>> {
  const digests = new Map<LocalFile, string>();
  const progress = createProgress(
    'Reading',
    files.reduce((sum, file) => sum + file.size, 0),
  );
  try {
    await forEach(files, HASHERS, async (file) => {
      digests.set(file, await digestFile(file, signal));
      progress.add(file.size);
    });
  } finally {
    progress.end();
  }
  return digests;
}

/** One file for each digest that the server does not have. */
async function findLacking(
  client: Client,
  files: readonly LocalFile[],
  digests: ReadonlyMap<LocalFile, string>,
  signal: AbortSignal,
): Promise<readonly { readonly digest: string; readonly file: LocalFile }[]> {
  const byDigest = new Map(files.map((file) => [digests.get(file) ?? '', file]));
  const all = Array.from(byDigest.keys());
  const lacking: { digest: string; file: LocalFile }[] = [];
  for (let start = 0; start < all.length; start += ASKED) {
    const { missing } = await client.blob.missing({ digests: all.slice(start, start + ASKED) }, { signal });
    for (const digest of missing) {
      const file = byDigest.get(digest);
      if (file !== undefined) lacking.push({ digest, file });
    }
  }
  return lacking;
}
