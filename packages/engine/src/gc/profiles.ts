import type { Database, Digest } from '@pawl/core';
import type { Collector } from './collector.ts';
import { rowsOf } from './pages.ts';

/** Profiles of files that only versions held whose content was given up: they are computed again, should the files come back. */
export function profileCollector(database: Database): Collector {
  return {
    kind: 'profile',
    async *find() {
      for await (const { manifest, bytes } of rowsOf((page) => database.read.profiles.unused(page)))
        yield { garbage: { id: manifest, name: manifest, deletedAt: null }, hold: undefined, bytes };
    },
    remove: ({ id }) => database.transaction((tx) => tx.profiles.removeUnused(id as Digest)),
  };
}
