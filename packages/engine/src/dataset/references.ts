import { DigestSet } from '@pawl/core';
import type { Blobs, Database } from '@pawl/core';
import { rowsOf } from '../gc/pages.ts';
import { keepManifest } from '../gc/references.ts';
import type { BlobReferences } from '../gc/references.ts';

/** The files of every version but those whose content was given up. */
export function datasetReferences({ database: { read }, blobs }: { readonly database: Database; readonly blobs: Blobs }): BlobReferences {
  return {
    noun: 'dataset version',
    async each(keep, condemned) {
      const seen = new DigestSet();
      for await (const { name } of rowsOf((page) => read.datasets.list(page))) {
        for await (const { version, manifest, expiredAt } of rowsOf((page) => read.datasets.versions(name, page))) {
          if (expiredAt === null && !condemned.has(`dataset/${name}/${version}`)) await keepManifest(blobs, manifest, keep, seen);
        }
      }
    },
  };
}
