import { checkManifest, fault, fromManifestText, toManifestText } from '@pawl/core';
import type { Blobs, Digest, Manifest } from '@pawl/core';

/** Stores a manifest in its canonical form, so that the same files always have the same digest. Those of two versions share what they have in common. Throws `path_unsafe`, `invalid_input`. */
export function putManifest(blobs: Blobs, manifest: Manifest): Promise<Digest> {
  return putManifestText(blobs, toManifestText(checkManifest(manifest)));
}

/** One that is in canonical form. */
export async function putManifestText(blobs: Blobs, text: string): Promise<Digest> {
  return (await blobs.putShared(new TextEncoder().encode(text))).digest;
}

/** Asks for every file that a record is about to name, so that a collection leaves it; what `known` names is safe by that. Throws `blob_not_found`. */
export async function requireContent(blobs: Blobs, manifest: Manifest, known?: Manifest): Promise<void> {
  const named = new Set(known?.entries.map(({ digest }) => digest));
  const [digest] = await blobs.missing(manifest.entries.flatMap((entry) => (named.has(entry.digest) ? [] : [entry.digest])));
  if (digest !== undefined) throw fault('blob_not_found', { digest });
}

/** A manifest that was stored here. Throws `blob_not_found`, `blob_corrupt`. */
export async function readManifest(blobs: Blobs, digest: Digest): Promise<Manifest> {
  return JSON.parse(await readManifestText(blobs, digest)) as Manifest;
}

export async function readManifestText(blobs: Blobs, digest: Digest): Promise<string> {
  return new TextDecoder().decode(await blobs.read(digest));
}

/** A manifest that somebody else stored, taken only in its canonical form. Throws `blob_not_found`, `path_unsafe`, `invalid_input`. */
export async function readForeignManifest(blobs: Blobs, digest: Digest): Promise<Manifest> {
  return fromManifestText(new TextDecoder().decode(await blobs.read(digest)));
}
