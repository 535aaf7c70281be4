import type { Database, DigestKind } from '@pawl/core';
import { rowsOf } from './pages.ts';
import type { BlobReferences } from './references.ts';

/** How each is called when what it names cannot be read. */
const nouns: Readonly<Record<DigestKind, string>> = {
  artifact: 'artifact',
  part: 'part of an upload',
  patch: "run's patch",
  profile: "monitor's reference",
};

/** Records that name one piece of content each. */
export function recordReferences({ read }: Database): readonly BlobReferences[] {
  return (Object.keys(nouns) as DigestKind[]).map((kind) => ({
    noun: nouns[kind],
    async each(keep, condemned) {
      for await (const { owner, digest } of rowsOf((page) => read.gc.digests(kind, page))) if (!condemned.has(owner)) keep(digest);
    },
  }));
}
