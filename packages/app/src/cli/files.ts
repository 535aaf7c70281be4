import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { failure, unreadable } from './fail.ts';

/** A regular file that is to become part of a version. */
export interface LocalFile {
  /** Relative, with forward slashes: its name in the version. */
  readonly path: string;
  readonly absolute: string;
  readonly size: number;
  readonly mode: number;
}

/**
 * All regular files under a folder, or the one file, sorted by path. Links are followed inside the folder only.
 * Throws `file_unreadable` for what cannot be read, leads outside or is neither file nor folder: nothing is left out in silence.
 */
export async function scanFiles(root: string): Promise<readonly LocalFile[]> {
  const real = await realpath(root).catch(async (error: unknown) => Promise.reject(await unreadable(root, error)));
  const found = await stat(real);
  if (!found.isDirectory()) return [await toFile(basename(resolve(root)), real, found)];
  const files: LocalFile[] = [];
  await scanFolder({ root: real, shown: root }, real, '', [real], files);
  if (files.length === 0) throw await failure('file_unreadable', { path: root, reason: 'it holds no file' });
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

interface Root {
  readonly root: string;
  /** As the user named it. */
  readonly shown: string;
}

/** `above`: real paths of the folders on the way here, so that a link to one of them is seen as the circle it is. */
async function scanFolder(place: Root, folder: string, prefix: string, above: readonly string[], files: LocalFile[]): Promise<void> {
  const refuse = async (path: string, reason: string): Promise<never> =>
    Promise.reject(await failure('file_unreadable', { path: join(place.shown, path), reason }));
  const names = await readdir(folder).catch(async (error: unknown) => Promise.reject(await unreadable(join(place.shown, prefix), error)));
  for (const name of names) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    if (name.includes('\\')) throw await failure('path_unsafe', { path });
    try {
      const absolute = await realpath(join(folder, name));
      if (absolute !== place.root && !isInside(place.root, absolute)) return await refuse(path, 'it is a link that leaves the folder');
      const found = await stat(absolute);
      if (!found.isDirectory()) files.push(await toFile(path, absolute, found));
      else if (above.includes(absolute)) await refuse(path, 'it is a link to a folder that it lies in');
      else await scanFolder(place, absolute, path, [...above, absolute], files);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw await unreadable(join(place.shown, path), error);
    }
  }
}

async function toFile(
  path: string,
  absolute: string,
  found: { isFile(): boolean; readonly size: number; readonly mode: number },
): Promise<LocalFile> {
  if (!found.isFile()) throw await failure('file_unreadable', { path, reason: 'it is not a regular file' });
  return { path, absolute, size: found.size, mode: found.mode & 0o777 };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === path;
}

/** Up to this size a file is read at once: for many small files that is much faster than a stream for each. */
const SMALL = 1024 * 1024;

/** `sha256:<hex>` of a file's bytes. Throws `file_unreadable`, also when it is not as long as it was found to be. */
export async function digestFile(file: { readonly absolute: string; readonly size: number }, signal: AbortSignal): Promise<string> {
  const { absolute, size } = file;
  const hash = createHash('sha256');
  let count = 0;
  try {
    const pieces = size <= SMALL ? [await readFile(absolute, { signal })] : createReadStream(absolute, { signal, highWaterMark: SMALL });
    for await (const piece of pieces) {
      hash.update(piece as Buffer);
      count += (piece as Buffer).length;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw await unreadable(absolute, error);
  }
  if (count !== size) throw await failure('file_unreadable', { path: absolute, reason: 'it changed while it was read' });
  return `sha256:${hash.digest('hex')}`;
}
