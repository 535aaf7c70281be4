import { fault, toCanonicalJson } from '@pawl/core';
import type { Blobs, Digest, Manifest } from '@pawl/core';

/** Stores a manifest as canonical JSON, so that the same files always have the same digest. */
export async function putManifest(blobs: Blobs, manifest: Manifest): Promise<Digest> {
  return (await blobs.put(new TextEncoder().encode(toCanonicalJson(manifest)))).digest;
}

/** Asks for every file that a record is about to name, so that a collection leaves it. Throws `blob_not_found`. */
export async function requireContent(blobs: Blobs, manifest: Manifest): Promise<void> {
  for (const { digest } of manifest.entries) if (!(await blobs.has(digest))) throw fault('blob_not_found', { digest });
}

/** Throws `blob_not_found`, `blob_corrupt`. */
export async function readManifest(blobs: Blobs, digest: Digest): Promise<Manifest> {
  return JSON.parse(new TextDecoder().decode(await blobs.read(digest))) as Manifest;
}
