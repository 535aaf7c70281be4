import { toCanonicalJson } from '@pawl/core';
import type { Hash, InputContent, Manifest } from '@pawl/core';

/** Content without a name: a file is its bytes, a folder its paths and bytes. */
export function toContent(hash: Hash, { entries }: Manifest, isFile: boolean): InputContent {
  const [only] = entries;
  if (isFile && only !== undefined) return { type: 'file', digest: only.digest };
  return { type: 'folder', digest: hash(toCanonicalJson(entries.map(({ path, digest }) => [path, digest]))) };
}
