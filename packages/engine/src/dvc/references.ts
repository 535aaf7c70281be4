import type { Database } from '@pawl/core';
import { rowsOf } from '../gc/pages.ts';
import type { BlobReferences } from '../gc/references.ts';

/** What DVC clients have pushed, and what was named for them: their repositories refer to it, and nobody here can see them. */
export function dvcReferences({ read }: Database): BlobReferences {
  return {
    noun: 'DVC object',
    async each(keep) {
      for await (const { digest } of rowsOf((page) => read.dvc.list(page))) keep(digest);
    },
  };
}
