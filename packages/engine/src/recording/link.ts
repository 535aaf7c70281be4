import { CONTEXT_TAG, fault, toLoggedDataset, toVersionHint } from '@pawl/core';
import type { DatasetRef, LoggedDataset, RunInput, Writers } from '@pawl/core';

/**
 * Records the versions that a run reads, and describes them as MLflow's clients read a run's data. Throws `dataset_version_not_found`.
 */
export async function linkInputs(tx: Writers, run: string, inputs: readonly RunInput[]): Promise<void> {
  if (inputs.length === 0) return;
  const datasets: LoggedDataset[] = [];
  for (const input of inputs) {
    const version = await tx.datasets.version(input);
    if (version === undefined) throw fault('dataset_version_not_found', { name: input.dataset, version: input.version });
    datasets.push(toLoggedDataset(version, input.role));
  }
  await tx.runs.record(run, { inputs, datasets });
}

/** What a dataset is used for when its client does not say. */
const ROLE = 'input';

/** The versions kept here that datasets which a client logged are; those that are none of ours are left out. */
export async function findVersions(tx: Writers, datasets: readonly LoggedDataset[]): Promise<readonly RunInput[]> {
  const inputs: RunInput[] = [];
  for (const dataset of datasets) {
    const ref = await findVersion(tx, dataset);
    const role = dataset.tags[CONTEXT_TAG] ?? '';
    if (ref !== undefined) inputs.push({ dataset: ref.dataset, version: ref.version, role: role === '' ? ROLE : role });
  }
  return inputs;
}

async function findVersion(tx: Writers, dataset: LoggedDataset): Promise<DatasetRef | undefined> {
  const hint = toVersionHint(dataset);
  if (hint === undefined) return undefined;
  return 'ref' in hint ? tx.datasets.version(hint.ref) : tx.recordings.versionByDigest(hint.dataset, hint.hex);
}
