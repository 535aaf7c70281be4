import type { Database, DeletedKind, ModelVersion } from '@pawl/core';
import { toOwnedPath, toProxyPath } from '@pawl/core';
import type { Collector } from './collector.ts';
import { rowsOf } from './pages.ts';

const ROWS_AT_ONCE = 5000;

/** Logged models, runs and experiments that were deleted, in this order: what is in an experiment goes before it. */
export function deletedCollectors(database: Database): readonly Collector[] {
  const { read } = database;

  const collectorOf = (kind: DeletedKind, ownerOf?: (id: string) => string): Collector => ({
    kind,
    async *find({ now, olderThanMs, condemned }) {
      const named = kind === 'experiment' ? new Map<string, string>() : await namedByVersions(database);
      for await (const garbage of rowsOf((page) => read.gc.deleted(kind, now - olderThanMs, page))) {
        const owner = ownerOf?.(garbage.id);
        const version = owner === undefined ? undefined : named.get(owner);
        const hold = version === undefined ? await read.gc.hold(kind, garbage.id, condemned) : { kind: 'model version', name: version };
        yield { garbage, hold, ...(owner === undefined ? {} : { owner }) };
      }
    },
    remove: ({ id }) => database.transaction(async (tx) => (await tx.gc.hold(kind, id, new Set())) === undefined && tx.gc.remove(kind, id)),
    ...(kind === 'run'
      ? {
          async finish() {
            while ((await database.transaction((tx) => tx.gc.finish(ROWS_AT_ONCE))) > 0);
          },
        }
      : {}),
  });

  return [collectorOf('logged model', (id) => `model/${id}`), collectorOf('run', (id) => `run/${id}`), collectorOf('experiment')];
}

/** Whose files model versions name by a path or URI, which no column tells. */
async function namedByVersions({ read }: Database): Promise<ReadonlyMap<string, string>> {
  const named = new Map<string, string>();
  for await (const { name } of rowsOf((page) => read.models.list(page))) {
    for await (const version of rowsOf((page) => read.models.versions(name, undefined, page)))
      for (const owner of ownersIn(version)) named.set(owner, `${name}:${version.version}`);
  }
  return named;
}

function ownersIn({ source, location }: ModelVersion): readonly string[] {
  return [source, location].flatMap((uri) => {
    if (uri === null) return [];
    const [, scheme, id] = /^(runs|models):\/+(m-[0-9a-f]{32}|[0-9a-f]{32})(?:\/|$)/i.exec(uri) ?? [];
    if (id !== undefined) return [`${scheme?.toLowerCase() === 'runs' ? 'run' : 'model'}/${id}`];
    const owned = toOwnedPath(toProxyPath(uri) ?? '');
    return owned === null ? [] : [`${owned.owner}/${owned.id}`];
  });
}
