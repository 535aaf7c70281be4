import { DigestSet } from '@pawl/core';
import type { Blobs, Database } from '@pawl/core';
import { rowsOf } from '../gc/pages.ts';
import { keepManifest } from '../gc/references.ts';
import type { BlobReferences } from '../gc/references.ts';

/** What tasks left, and what their cache keys were made of. */
export function taskReferences({ database: { read }, blobs }: { readonly database: Database; readonly blobs: Blobs }): BlobReferences {
  return {
    noun: 'task',
    async each(keep) {
      const seen = new DigestSet();
      for await (const { id } of rowsOf((page) => read.pipelines.runs({}, page))) {
        for (const { cacheKey, outputs } of await read.tasks.byRun(id)) {
          if (cacheKey !== null) keep(cacheKey);
          for (const { manifest } of Object.values(outputs)) await keepManifest(blobs, manifest, keep, seen);
        }
      }
    },
  };
}
