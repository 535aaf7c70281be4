import { isPrompt } from '@pawl/core';
import type { Clock, DatasetRef, Digest, Ids, Model, ModelVersion, RunInput, Writers } from '@pawl/core';
import { Conflict } from '../conflict.ts';
import { toEvent } from '../event.ts';

export interface VersionContent {
  readonly package: Digest | null;
  readonly source: string | null;
  readonly location: string | null;
  readonly loggedModel: string | null;
  readonly run: string | null;
  readonly runLink: string;
  readonly task: string | null;
  readonly inputs: readonly RunInput[];
  readonly evaluation: DatasetRef | null;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly key: string;
}

type EventPorts = { readonly clock: Clock; readonly ids: Ids };

/** Makes a model; false when its name is taken. */
export async function insertModel(ports: EventPorts, tx: Writers, model: Model): Promise<boolean> {
  if (!(await tx.models.create(model))) return false;
  const { name, description, tags } = model;
  await tx.events.append([
    toEvent(ports, 'model.created', `model/${name}`, model.createdBy, { model: name, description, tags, prompt: isPrompt(tags) }),
  ]);
  return true;
}

/** Gives a model its next version. Throws `Conflict` when another one was faster. */
export async function insertVersion(
  ports: EventPorts,
  tx: Writers,
  model: Model,
  content: VersionContent,
  actor: string,
): Promise<ModelVersion> {
  const now = ports.clock.now();
  const version: ModelVersion = {
    ...content,
    model: model.name,
    version: model.lastVersion + 1,
    stage: 'None',
    createdAt: now,
    createdBy: actor,
    updatedAt: now,
    forced: null,
    revision: 1,
  };
  await tx.models.update({ ...model, lastVersion: version.version, updatedAt: now });
  if (!(await tx.models.insertVersion(version))) throw new Conflict();
  const { source, run, description, tags } = content;
  await tx.events.append([
    toEvent(ports, 'model.version_registered', `model/${version.model}/${version.version}`, actor, {
      model: version.model,
      version: version.version,
      package: content.package,
      run,
      source,
      description,
      tags,
      prompt: isPrompt(tags),
    }),
  ]);
  return version;
}
