import { fault } from '@pawl/core';
import type { Blobs, Folders, Manifest, ManifestEntry } from '@pawl/core';

/** Stores all files under a local path. Throws `dataset_empty`, `file_unreadable`, `path_unsafe`. */
export async function storeFolder(
  { blobs, folders }: { readonly blobs: Blobs; readonly folders: Folders },
  path: string,
): Promise<Manifest> {
  const entries: ManifestEntry[] = [];
  for (const file of await folders.scan(path)) {
    const { digest, size } = await blobs.putFile(file.absolute);
    entries.push({ path: file.path, digest, size, mode: file.mode });
  }
  if (entries.length === 0) throw fault('dataset_empty', { path });
  return { entries };
}
