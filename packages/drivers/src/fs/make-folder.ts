import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { toErrorCode } from './reason.ts';

/**
 * Makes a folder and its parents; gives the topmost one that was not there, undefined when all were. Node's own recursive mkdir never ends where a file system
 * lets nobody make a folder and says that the path does not exist, as /proc does. Throws the system's error.
 */
export function makeFolder(path: string): string | undefined {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const code = toErrorCode(error);
    if (code === 'EEXIST' && isFolder(path)) return undefined;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || isFolder(parent)) throw error;
    const first = makeFolder(parent);
    return makeFolder(path) === undefined ? first : (first ?? path);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
