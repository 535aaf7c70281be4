import { toCanonicalJson } from '@pawl/core';
import type { Blobs, Digest, Manifest } from '@pawl/core';

/** Stores a manifest as canonical JSON, so that the same files always have the same digest. */
export async function putManifest(blobs: Blobs, manifest: Manifest): Promise<Digest> {
  return (await blobs.put(new TextEncoder().encode(toCanonicalJson(manifest)))).digest;
}

/** Throws `blob_not_found`, `blob_corrupt`. */
export async function readManifest(blobs: Blobs, digest: Digest): Promise<Manifest> {
  return JSON.parse(new TextDecoder().decode(await blobs.read(digest))) as Manifest;
}
