import { link, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest, ListedBlob } from '@pawl/core';
import { makeFolder } from './make-folder.ts';
import { toErrorCode, toReadFault, toWriteFault } from './reason.ts';

/** Everything below a folder of 256 folders, one of them at a time. */
export async function* listBlobs(folder: string): AsyncGenerator<ListedBlob> {
  for (const start of await namesIn(folder)) {
    for (const rest of await namesIn(join(folder, start))) {
      const name = start + rest;
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const found = await statOf(join(folder, start, rest));
      if (found !== undefined) yield { digest: `sha256:${name}` as Digest, size: found.size, idleMs: Date.now() - found.mtimeMs };
    }
  }
}

/**
 * Removes a file unless it was renewed within `idleMs`. It is first moved aside, where nobody finds it to refer to it, and looked at again: who renewed it between the look and
 * the move gets it back. A kill in between leaves a file in the anteroom, which is swept there.
 */
export async function removeBlob(path: string, aside: string, idleMs: number): Promise<boolean> {
  const before = await statOf(path);
  if (before === undefined || Date.now() - before.mtimeMs < idleMs) return false;
  try {
    makeFolder(dirname(aside));
    await rename(path, aside);
  } catch (error) {
    if (toErrorCode(error) === 'ENOENT') return false;
    throw toWriteFault('stored content', error);
  }
  const moved = await statOf(aside);
  const renewed = moved !== undefined && moved.mtimeMs > before.mtimeMs;
  // Not `rename`: what was put anew in the meantime stays.
  if (renewed)
    await link(aside, path).catch((error: unknown) =>
      toErrorCode(error) === 'EEXIST' ? undefined : Promise.reject(toWriteFault('stored content', error)),
    );
  await rm(aside, { force: true });
  return !renewed;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    const code = toErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw toReadFault('stored content', error);
  }
}

async function statOf(path: string): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (toErrorCode(error) === 'ENOENT') return undefined;
    throw toReadFault('stored content', error);
  }
}
