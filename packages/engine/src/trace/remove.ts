import { fault, toExperimentRoot, toProxyPath } from '@pawl/core';
import type { Database, Experiment } from '@pawl/core';

/** Traces of an experiment, by id or by age. */
export interface TraceRemoval {
  readonly experiment: number;
  readonly ids?: readonly string[];
  /** Only those that began then or before, epoch ms. */
  readonly until?: number;
  /** At most so many, the oldest. */
  readonly most?: number;
}

/** Traces that one transaction removes: others are waiting for it. */
const CHUNK = 100;
/** As many are counted before they go. */
const MOST_COUNTED = 100_000;

/** Removes in pieces, each whole; what is broken off goes on when it is asked again. */
export async function removeTraces(
  { database, artifactRoot }: { readonly database: Database; readonly artifactRoot: string },
  { experiment, ids, until, most = Infinity }: TraceRemoval,
): Promise<number> {
  const found = await experimentOf(database, experiment);
  const files = toProxyPath(toExperimentRoot(artifactRoot, experiment, found.artifactLocation));
  let count = 0;
  for (;;) {
    const limit = Math.min(CHUNK, most - count);
    if (limit <= 0) return count;
    const gone = await database.transaction(async (tx) => {
      const chosen = await tx.traces.select({
        experiment,
        limit,
        ...(ids === undefined ? {} : { ids }),
        ...(until === undefined ? {} : { until }),
      });
      if (chosen.length > 0) await tx.traces.remove(chosen);
      if (files !== null) for (const id of chosen) await tx.artifacts.remove({ tree: 'free', path: `${files}/traces/${id}` });
      return chosen.length;
    });
    count += gone;
    if (gone < limit) return count;
  }
}

export async function countTraces(
  { database }: { readonly database: Database },
  { most = MOST_COUNTED, ...removal }: TraceRemoval,
): Promise<number> {
  await experimentOf(database, removal.experiment);
  return (await database.read.traces.select({ ...removal, limit: Math.min(most, MOST_COUNTED) })).length;
}

async function experimentOf({ read }: Database, id: number): Promise<Experiment> {
  const found = await read.experiments.get(id);
  if (found === undefined) throw fault('experiment_not_found', { name: String(id) });
  return found;
}
