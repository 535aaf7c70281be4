import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fault, isFault } from '@pawl/core';
import type { Folders, ScannedFile } from '@pawl/core';
import { toErrorCode, toReadFault, toWriteFault } from './reason.ts';

export interface FoldersOptions {
  /** The home. Scratch folders are made in it, and only what is in it can be removed. */
  readonly root: string;
}

const SCRATCH_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

/** The Folders port on the local disk. */
export function createFolders(options: FoldersOptions): Folders {
  const home = resolve(options.root);

  async function scratch(name: string): Promise<string> {
    if (!SCRATCH_NAME.test(name)) throw fault('path_unsafe', { path: name });
    const path = join(home, 'scratch', ...name.split('/'));
    try {
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true });
    } catch (error) {
      throw toWriteFault(path, error);
    }
    return path;
  }

  async function remove(path: string): Promise<void> {
    if (!isInside(home, resolve(path))) throw fault('path_unsafe', { path });
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      throw toWriteFault(path, error);
    }
  }

  return { scan, scratch, remove, join, read, write, exists };
}

async function scan(root: string): Promise<readonly ScannedFile[]> {
  try {
    const real = await realpath(root);
    const found = await stat(real);
    if (found.isFile()) return [{ path: basename(resolve(root)), absolute: real, size: found.size, mode: found.mode & 0o777 }];
    const files: ScannedFile[] = [];
    await scanFolder(real, real, '', [real], files);
    return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  } catch (error) {
    if (isFault(error)) throw error;
    throw toReadFault(root, error);
  }
}

/** `above`: real paths of the folders on the way here, so that a link to one of them is seen as the circle it is. */
async function scanFolder(root: string, folder: string, prefix: string, above: readonly string[], files: ScannedFile[]): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (name.includes('\\')) throw fault('path_unsafe', { path });
    const absolute = await realpath(join(folder, name)).catch((error: unknown) => Promise.reject(toReadFault(path, error)));
    if (absolute !== root && !isInside(root, absolute))
      throw fault('file_unreadable', { path, reason: 'it is a link that leaves the folder' });
    const found = await stat(absolute);
    if (found.isDirectory()) {
      if (above.includes(absolute)) throw fault('file_unreadable', { path, reason: 'it is a link to a folder that it lies in' });
      await scanFolder(root, absolute, path, [...above, absolute], files);
    } else if (found.isFile()) {
      files.push({ path, absolute, size: found.size, mode: found.mode & 0o777 });
    }
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === path;
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw toReadFault(path, error);
  }
}

/** All of the bytes or the old content: written aside, synced, renamed. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(aside, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw toWriteFault(path, error);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = toErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw toReadFault(path, error);
  }
}
