import { checkPath, fault, parentsOf } from '@pawl/core';
import type { Manifest } from '@pawl/core';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const PERMISSIONS = 0o777;

/** The manifest in its one canonical form: entries sorted by path, no path twice, only permission bits. Throws `path_unsafe`, `invalid_input`. */
export function checkManifest(manifest: Manifest): Manifest {
  const entries = manifest.entries
    .map(({ path, digest, size, mode }) => {
      checkPath(path);
      if (!DIGEST.test(digest))
        throw fault('invalid_input', { where: `digest of ${path}`, problem: 'it must be sha256: and 64 hex digits.' });
      return { path, digest, size, mode: mode & PERMISSIONS };
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  entries.forEach((entry, index) => {
    if (entries[index + 1]?.path === entry.path)
      throw fault('invalid_input', { where: entry.path, problem: 'the manifest names this path twice.' });
  });
  const folders = new Set(entries.flatMap(({ path }) => parentsOf(path)));
  for (const { path } of entries) {
    if (folders.has(path)) throw fault('invalid_input', { where: path, problem: 'the manifest has it as a file and as a folder.' });
  }
  return { entries };
}
