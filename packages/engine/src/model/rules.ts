import { fault } from '@pawl/core';
import type { Digest, ModelVersion, Readers, Writers } from '@pawl/core';

/** Whether a project's files name the model: its name and its version numbers then mean something elsewhere. */
export async function isGoverned(read: Pick<Readers, 'approvals' | 'gates' | 'rollouts'>, model: string): Promise<boolean> {
  if ((await read.approvals.policy(model)) !== undefined) return true;
  if ((await read.gates.spec(model)) !== undefined) return true;
  return (await read.rollouts.endpoints()).some((endpoint) => endpoint.model === model);
}

/** Throws `model_governed` when a project's files name the model. */
export async function requireUngoverned(tx: Writers, model: string, act: string): Promise<void> {
  if (await isGoverned(tx, model)) throw fault('model_governed', { name: model, act });
}

/** Throws `model_version_in_use` when an endpoint answers with the version, or a rollout is on its way with it. */
export async function requireUnused(tx: Writers, model: string, version: number): Promise<void> {
  for (const endpoint of await tx.rollouts.endpoints()) {
    if (endpoint.model !== model) continue;
    const rollout = endpoint.rollout === null ? undefined : await tx.rollouts.get(endpoint.rollout);
    if (endpoint.stable === version || rollout?.candidate === version)
      throw fault('model_version_in_use', { name: model, version, where: endpoint.name });
  }
}

/** Throws `model_package_missing` when the version's files are not stored here. */
export function requirePackage(version: ModelVersion): Digest {
  if (version.package === null) throw fault('model_package_missing', { name: version.model, version: version.version });
  return version.package;
}
