import type { ModelVersion, Writers } from '@pawl/core';

const REGISTERED_TAG = 'mlflow.modelVersions';

/** The logged model tells the versions made of it, in the tag that MLflow's clients read. */
export async function markRegistered(tx: Writers, id: string, { model, version, createdAt }: ModelVersion): Promise<void> {
  const logged = await tx.loggedModels.get(id);
  if (logged === undefined) return;
  const list = toList(logged.tags[REGISTERED_TAG]);
  const tags = { ...logged.tags, [REGISTERED_TAG]: JSON.stringify([...list, { name: model, version }]) };
  await tx.loggedModels.update({ ...logged, tags, updatedAt: createdAt });
}

function toList(text: string | undefined): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}
