import { isPlainPath } from '../dataset/path.ts';
import { fault } from '../fault/fault.ts';
import type { ArtifactEntry, ArtifactFile } from './types.ts';

/** Index rows of databases end near 2.7 KB. */
const MOST_BYTES = 2048;

/**
 * A path as artifacts are stored under: no empty or `.` parts, which clients send by joining. Empty for the root.
 * Throws `path_unsafe` for what leaves its folder or is no path on every system: `..`, a leading slash, a drive letter, a backslash, NUL.
 */
export function toArtifactPath(text: string): string {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  const path = parts.join('/');
  const bad = text.startsWith('/') || (path !== '' && !isPlainPath(path)) || !path.isWellFormed() || bytesOf(path) > MOST_BYTES;
  if (bad) throw fault('path_unsafe', { path: text });
  return path;
}

/** Length in UTF-8. */
function bytesOf(text: string): number {
  return encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, '_').length;
}

/** The folders a path lies in, outermost first. */
export function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** What lies directly in a folder, by name, out of all files below it. */
export function toEntries(folder: string, files: readonly ArtifactFile[]): readonly ArtifactEntry[] {
  const start = folder === '' ? 0 : folder.length + 1;
  const entries = new Map<string, ArtifactEntry>();
  for (const { path, size } of files) {
    const slash = path.indexOf('/', start);
    const name = path.slice(start, slash === -1 ? undefined : slash);
    entries.set(name, { name, size: slash === -1 ? size : null });
  }
  return [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
