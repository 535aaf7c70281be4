import { DigestSet, fault, isFault } from '@pawl/core';
import type { Blobs, Digest } from '@pawl/core';
import { readManifest } from '../dataset/manifest-blob.ts';

/** What a collection is about to remove, as owners: `run/<id>`, `model/<id>`, `dataset/<name>/<version>`. A rehearsal takes it as gone. */
export type Condemned = ReadonlySet<string>;

/** One noun's word on stored content. Whatever no noun names is collected, so a noun that stores content and has none of these loses it. */
export interface BlobReferences {
  readonly noun: string;
  /** Tells every digest that its records name, but those of what is condemned; in any order and as often as it likes. */
  each(keep: (digest: Digest) => void, condemned: Condemned): Promise<void>;
}

/** Everything that any noun names. Throws `gc_unreadable` when one cannot tell all: then nothing may be removed. */
export async function markBlobs(references: readonly BlobReferences[], condemned: Condemned): Promise<DigestSet> {
  const marks = new DigestSet();
  for (const { noun, each } of references) {
    try {
      await each((digest) => marks.add(digest), condemned);
    } catch (error) {
      if (!isFault(error)) throw error;
      throw fault('gc_unreadable', { noun, problem: error.message }, error);
    }
  }
  return marks;
}

/** Tells a manifest and the files it lists. `seen` spares reading one twice. Throws `blob_not_found`, `blob_corrupt`. */
export async function keepManifest(blobs: Blobs, digest: Digest, keep: (digest: Digest) => void, seen: DigestSet): Promise<void> {
  if (seen.has(digest)) return;
  seen.add(digest);
  keep(digest);
  for (const entry of (await readManifest(blobs, digest)).entries) keep(entry.digest);
}
