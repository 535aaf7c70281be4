import type { Digest, Model, ModelStage, ModelVersion } from '@pawl/core';
import { fromJson, toJson } from './context.ts';

export interface ModelTable {
  readonly name: string;
  readonly description: string;
  readonly last_version: number;
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
}

export interface ModelVersionTable {
  readonly model: string;
  readonly version: number;
  readonly package: string | null;
  readonly source: string | null;
  readonly location: string | null;
  readonly logged_model: string | null;
  readonly run: string | null;
  readonly run_link: string;
  readonly task: string | null;
  readonly inputs: string;
  readonly evaluation_dataset: string | null;
  readonly evaluation_version: number | null;
  readonly stage: ModelStage;
  readonly description: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
  readonly forced: string | null;
  readonly key: string;
  readonly revision: number;
}

/** A row with its tags as one JSON object. */
export type Tagged<Row> = Row & { readonly tags: string };

export function fromModel(model: Model): ModelTable {
  return {
    name: model.name,
    description: model.description,
    last_version: model.lastVersion,
    created_at: model.createdAt,
    created_by: model.createdBy,
    updated_at: model.updatedAt,
  };
}

export function toModel(row: Tagged<ModelTable>): Model {
  return {
    name: row.name,
    description: row.description,
    tags: fromJson(row.tags),
    lastVersion: row.last_version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
  };
}

export function fromVersion(version: ModelVersion): Omit<ModelVersionTable, 'revision'> {
  return {
    model: version.model,
    version: version.version,
    package: version.package,
    source: version.source,
    location: version.location,
    logged_model: version.loggedModel,
    run: version.run,
    run_link: version.runLink,
    task: version.task,
    inputs: toJson(version.inputs),
    evaluation_dataset: version.evaluation?.dataset ?? null,
    evaluation_version: version.evaluation?.version ?? null,
    stage: version.stage,
    description: version.description,
    created_at: version.createdAt,
    created_by: version.createdBy,
    updated_at: version.updatedAt,
    forced: version.forced === null ? null : toJson(version.forced),
    key: version.key,
  };
}

export function toVersion(row: Tagged<ModelVersionTable>): ModelVersion {
  const { evaluation_dataset: dataset, evaluation_version: evaluated } = row;
  return {
    model: row.model,
    version: row.version,
    package: row.package as Digest | null,
    source: row.source,
    location: row.location,
    loggedModel: row.logged_model,
    run: row.run,
    runLink: row.run_link,
    task: row.task,
    inputs: fromJson(row.inputs),
    evaluation: dataset === null || evaluated === null ? null : { dataset, version: evaluated },
    stage: row.stage,
    description: row.description,
    tags: fromJson(row.tags),
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    forced: row.forced === null ? null : fromJson(row.forced),
    key: row.key,
    revision: row.revision,
  };
}
