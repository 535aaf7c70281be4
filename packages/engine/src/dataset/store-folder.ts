import { PIECES_FROM, fault } from '@pawl/core';
import type { Blobs, Folders, Manifest } from '@pawl/core';

/**
 * Stores all files under a local path. `before` gives the version that they follow, when a file is so large that it may be stored by what is new in it.
 * Throws `dataset_empty`, `file_unreadable`, `path_unsafe`.
 */
export async function storeFolder(
  { blobs, folders }: { readonly blobs: Blobs; readonly folders: Folders },
  path: string,
  before: () => Promise<Manifest | undefined>,
): Promise<Manifest> {
  const files = await folders.scan(path);
  if (files.length === 0) throw fault('dataset_empty', { path });
  const older = files.some(({ size }) => size >= PIECES_FROM) ? await before() : undefined;
  const digests = new Map(older?.entries.map((entry) => [entry.path, entry.digest]));
  const stored = await blobs.putFiles(files.map((file) => ({ path: file.absolute, before: digests.get(file.path) })));
  return {
    entries: files.flatMap(({ path: name, mode }, index) => (stored[index] === undefined ? [] : [{ path: name, ...stored[index], mode }])),
  };
}
