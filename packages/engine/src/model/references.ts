import { DigestSet } from '@pawl/core';
import type { Blobs, Database } from '@pawl/core';
import { rowsOf } from '../gc/pages.ts';
import { keepManifest } from '../gc/references.ts';
import type { BlobReferences } from '../gc/references.ts';

/** The packages of every version. */
export function modelReferences({ database: { read }, blobs }: { readonly database: Database; readonly blobs: Blobs }): BlobReferences {
  return {
    noun: 'model version',
    async each(keep) {
      const seen = new DigestSet();
      for await (const { name } of rowsOf((page) => read.models.list(page))) {
        for await (const { package: digest } of rowsOf((page) => read.models.versions(name, undefined, page)))
          if (digest !== null) await keepManifest(blobs, digest, keep, seen);
      }
    },
  };
}
