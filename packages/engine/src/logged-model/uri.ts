import { fault, toExperimentRoot, toLoggedModelUri } from '@pawl/core';
import type { LoggedModel, Readers } from '@pawl/core';

/** Root of a logged model's artifacts for clients. */
export async function loggedModelUri(
  read: Pick<Readers, 'experiments'>,
  artifactRoot: string,
  { id, experiment, artifactRoot: moved }: Pick<LoggedModel, 'id' | 'experiment' | 'artifactRoot'>,
): Promise<string> {
  if (moved !== undefined) return toLoggedModelUri(moved, id);
  const found = await read.experiments.get(experiment);
  if (found === undefined) throw fault('experiment_not_found', { name: String(experiment) });
  return toLoggedModelUri(toExperimentRoot(artifactRoot, experiment, found.artifactLocation), id);
}
