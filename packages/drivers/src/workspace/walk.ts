import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { fault, isFault } from '@pawl/core/content';
import { toReadFault } from '../fs/reason.ts';

/** A regular file that is to become part of a version. */
export interface WalkedFile {
  /** Relative, with forward slashes: its name in the version. */
  readonly path: string;
  readonly absolute: string;
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly inode: bigint;
  readonly mtimeNs: bigint;
}

export interface WalkOptions {
  /** Whether a path, of a file or a folder, is left out; by its name in the version. */
  readonly skip?: (path: string, isFolder: boolean) => boolean;
}

/**
 * Tells all regular files under a folder, or the one file. Links are followed inside the folder only. Throws `file_unreadable` for what cannot be read, leads outside, goes in a
 * circle, or is neither file nor folder, and `path_unsafe`: nothing is left out in silence. Synchronous: for 70,000 files the waiting would cost more than the work.
 */
export function* walk(root: string, { skip = () => false }: WalkOptions = {}): Generator<WalkedFile> {
  const shown = (path: string): string => join(root, path);
  const guarded = <T>(path: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw isFault(error) ? error : toReadFault(path === '' ? root : shown(path), error);
    }
  };

  const real = guarded('', () => realpathSync(root));
  const top = guarded('', () => statSync(real, { bigint: true }));
  if (!top.isDirectory()) {
    if (!top.isFile()) throw fault('file_unreadable', { path: root, reason: 'it is not a regular file' });
    yield toFile(basename(resolve(root)), real, top);
    return;
  }

  /** `above`: real paths of the folders on the way here, so that a link to one of them is seen as the circle it is. */
  function* walkFolder(folder: string, prefix: string, above: readonly string[]): Generator<WalkedFile> {
    const refuse = (path: string, reason: string): never => {
      throw fault('file_unreadable', { path: shown(path), reason });
    };
    for (const name of guarded(prefix, () => readdirSync(folder)).toSorted()) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      if (name.includes('\\') || !name.isWellFormed()) throw fault('path_unsafe', { path });
      let absolute = `${folder}${sep}${name}`;
      let found = guarded(path, () => lstatSync(absolute, { bigint: true }));
      if (found.isSymbolicLink() && !skip(path, false)) {
        absolute = guarded(path, () => realpathSync(absolute));
        if (absolute !== real && !isInside(real, absolute)) refuse(path, 'it is a link that leaves the folder');
        found = guarded(path, () => statSync(absolute, { bigint: true }));
      }
      if (skip(path, found.isDirectory())) continue;
      if (found.isDirectory()) {
        if (above.includes(absolute)) refuse(path, 'it is a link to a folder that it lies in');
        yield* walkFolder(absolute, path, [...above, absolute]);
      } else if (found.isFile()) yield toFile(path, absolute, found);
      else refuse(path, 'it is not a regular file');
    }
  }
  yield* walkFolder(real, '', [real]);
}

/** As the disk has it now. Throws the system's error. */
export function statFile(path: string, absolute: string): WalkedFile {
  return toFile(path, absolute, statSync(absolute, { bigint: true }));
}

function toFile(path: string, absolute: string, found: BigIntStats): WalkedFile {
  return {
    path,
    absolute,
    size: Number(found.size),
    mode: Number(found.mode) & 0o777,
    inode: found.ino,
    mtimeNs: found.mtimeNs,
  };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === path;
}
