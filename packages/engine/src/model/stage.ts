import { fault } from '@pawl/core';
import type { Clock, Ids, ModelStage, ModelVersion, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { isGoverned } from './rules.ts';

export interface StageMove {
  readonly model: string;
  readonly version: number;
  readonly stage: ModelStage;
  readonly reason: string;
  readonly actor: string;
  /** Whether the other versions in that stage are archived; absent, those in Production. A governed model has one version in Production in any case. */
  readonly archiveOthers?: boolean;
}

/** Moves a version to a stage without asking its gate. Throws `model_version_not_found`. */
export async function moveStage(
  ports: { readonly clock: Clock; readonly ids: Ids },
  tx: Writers,
  { model, version, stage, reason, actor, archiveOthers = stage === 'Production' }: StageMove,
): Promise<ModelVersion> {
  const found = await tx.models.version(model, version);
  if (found === undefined) throw fault('model_version_not_found', { name: model, version: String(version) });
  const now = ports.clock.now();

  const move = async (from: ModelVersion, to: ModelStage, why: string): Promise<ModelVersion> => {
    const changed: ModelVersion = { ...from, stage: to, updatedAt: now, revision: from.revision + 1 };
    expectWon(await tx.models.updateVersion(changed, from.revision));
    const data = { model, version: from.version, from: from.stage, to, reason: why };
    await tx.events.append([toEvent(ports, 'model.stage_changed', `model/${model}/${from.version}`, actor, data)]);
    return changed;
  };

  if (archiveOthers || (stage === 'Production' && (await isGoverned(tx, model)))) {
    for (let after: string | undefined; ;) {
      const page = await tx.models.versions(model, stage, after === undefined ? { limit: 100 } : { limit: 100, after });
      for (const other of page.items) if (other.version !== version) await move(other, 'Archived', `version ${version} entered ${stage}`);
      if (page.next === undefined) break;
      after = page.next;
    }
  }
  if (found.stage === stage) return found;
  const changed = await move(found, stage, reason);
  const record = await tx.models.get(model);
  if (record !== undefined) await tx.models.update({ ...record, updatedAt: now });
  return changed;
}
