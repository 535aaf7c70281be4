import { chmodSync, statSync, utimesSync } from 'node:fs';
import { link, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { toErrorCode, toReadFault, toWriteFault } from '../reason.ts';

interface Times {
  readonly nlink: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** When the store last had to do with it. A file that somebody's folder links to keeps its own time, by which that folder tells whether it was changed: for it the time of its record counts. */
const renewedAt = ({ nlink, mtimeMs, ctimeMs }: Times): number => (nlink > 1 ? Math.max(mtimeMs, ctimeMs) : mtimeMs);

/** Counts as put now. False when it is not there. */
export function renew(path: string): boolean {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return false;
    const now = new Date();
    if (found.nlink > 1) chmodSync(path, 0o444);
    else utimesSync(path, now, now);
    return true;
  } catch (error) {
    // Somebody else's file, on a disk that several accounts share, or one that may only be read: it is there all the same.
    return ['EPERM', 'EROFS'].includes(toErrorCode(error) ?? '') && statSync(path, { throwIfNoEntry: false }) !== undefined;
  }
}

export interface Idle {
  readonly size: number;
  readonly idleMs: number;
}

/** Undefined when it is not there. */
export async function idleOf(path: string): Promise<Idle | undefined> {
  const found = await statOf(path);
  return found === undefined ? undefined : { size: found.size, idleMs: Date.now() - renewedAt(found) };
}

/**
 * Removes a file unless it was renewed within `idleMs`. It is first moved aside, where nobody finds it to refer to it, and looked at again: who renewed it between the look and
 * the move gets it back. A kill in between leaves a file in the anteroom, which is swept there.
 */
export async function removeIdle(path: string, aside: string, idleMs: number): Promise<boolean> {
  const before = await statOf(path);
  if (before === undefined || Date.now() - renewedAt(before) < idleMs) return false;
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

async function statOf(path: string): Promise<(Times & { readonly size: number }) | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (toErrorCode(error) === 'ENOENT') return undefined;
    throw toReadFault('stored content', error);
  }
}
