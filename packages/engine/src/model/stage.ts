import { fault } from '@pawl/core';
import type { Clock, Ids, ModelStage, ModelVersion, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { rowsOf } from '../gc/pages.ts';
import { isGoverned } from './rules.ts';

export interface StageMove {
  readonly model: string;
  readonly version: number;
  readonly stage: ModelStage;
  readonly reason: string;
  readonly actor: string;
  /** Whether the other versions in that stage are archived; absent, those in Production. A governed model has one version in Production, or as many as its project says. */
  readonly archiveOthers?: boolean;
  /** The version whose place it takes in Production, where there may be several; null for none. */
  readonly replaces?: number | null;
}

/** Moves a version to a stage without asking its gate. Throws `model_version_not_found`, `model_production_full`. */
export async function moveStage(
  ports: { readonly clock: Clock; readonly ids: Ids },
  tx: Writers,
  { model, version, stage, reason, actor, archiveOthers, replaces }: StageMove,
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

  const most = (await tx.approvals.policy(model))?.mostInProduction ?? 1;
  const governed = stage === 'Production' && (await isGoverned(tx, model));
  const shared = governed && most > 1;
  const one = governed && most === 1;
  const all = one || (archiveOthers ?? (stage === 'Production' && !shared));
  const others = all || shared ? (await versionsIn(tx, model, stage)).filter((other) => other.version !== version) : [];
  const leaving = all ? others : others.filter((other) => other.version === replaces);
  if (shared && others.length - leaving.length >= most) throw fault('model_production_full', { name: model, most });
  for (const other of leaving) await move(other, 'Archived', `version ${version} entered ${stage}`);
  if (found.stage === stage) return found;
  const changed = await move(found, stage, reason);
  const record = await tx.models.get(model);
  if (record !== undefined) await tx.models.update({ ...record, updatedAt: now });
  return changed;
}

async function versionsIn(tx: Writers, model: string, stage: ModelStage): Promise<readonly ModelVersion[]> {
  const found: ModelVersion[] = [];
  for await (const version of rowsOf((page) => tx.models.versions(model, stage, page))) found.push(version);
  return found;
}
