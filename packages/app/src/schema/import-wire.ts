import type {
  Digest,
  ImportedExperiment,
  ImportedLoggedModel,
  ImportedModel,
  ImportedModelMetric,
  ImportedRun,
  ImportedSeries,
  ImportedVersion,
  Point,
} from '@pawl/core';
import type {
  ExperimentRecord,
  LoggedModelRecord,
  ModelMetricRecord,
  ModelRecord,
  ModelVersionRecord,
  RunRecord,
  SeriesRecord,
} from './import-record.ts';

/** Between the records of core and the form in which they travel. */
type Value = SeriesRecord['points'][number][2];

const toValue = (value: number): Value => (Number.isFinite(value) ? value : (String(value) as Value));

export function toExperimentRecord({ artifactLocation, createdAt, updatedAt, ...rest }: ImportedExperiment): ExperimentRecord {
  return { ...rest, artifact_location: artifactLocation, created_at: createdAt, updated_at: updatedAt };
}

export function fromExperimentRecord({ artifact_location, created_at, updated_at, ...rest }: ExperimentRecord): ImportedExperiment {
  return { ...rest, artifactLocation: artifact_location, createdAt: created_at, updatedAt: updated_at };
}

export function toRunRecord(run: ImportedRun): RunRecord {
  const { id, experiment, name, status, user, lifecycle, code, environment, params, tags } = run;
  return {
    id,
    experiment,
    name,
    status,
    user,
    lifecycle,
    code,
    environment,
    params,
    tags,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    deleted_at: run.deletedAt,
    artifact_uri: run.artifactUri,
    inputs: run.inputs.map((input) => ({ ...input })),
    datasets: run.datasets.map(({ sourceType, ...dataset }) => ({ ...dataset, source_type: sourceType })),
    model_inputs: [...run.modelInputs],
    model_outputs: run.modelOutputs.map((output) => ({ ...output })),
  };
}

export function fromRunRecord(record: RunRecord): ImportedRun {
  const { id, experiment, name, status, user, lifecycle, code, environment, params, tags, inputs } = record;
  return {
    id,
    experiment,
    name,
    status,
    user,
    lifecycle,
    environment,
    params,
    tags,
    inputs,
    code: code as ImportedRun['code'],
    startedAt: record.started_at,
    endedAt: record.ended_at,
    deletedAt: record.deleted_at,
    artifactUri: record.artifact_uri,
    datasets: record.datasets.map(({ source_type, ...dataset }) => ({ ...dataset, sourceType: source_type })),
    modelInputs: record.model_inputs,
    modelOutputs: record.model_outputs,
  };
}

export function toSeriesRecord({ key, points }: ImportedSeries): SeriesRecord {
  return { key, points: points.map(([step, time, value]) => [step, time, toValue(value)]) };
}

export function fromSeriesRecord({ key, points }: SeriesRecord): ImportedSeries {
  return { key, points: points.map(([step, time, value]): Point => [step, time, Number(value)]) };
}

export function toLoggedModelRecord({ createdAt, updatedAt, deletedAt, ...rest }: ImportedLoggedModel): LoggedModelRecord {
  return { ...rest, created_at: createdAt, updated_at: updatedAt, deleted_at: deletedAt };
}

export function fromLoggedModelRecord({ created_at, updated_at, deleted_at, ...rest }: LoggedModelRecord): ImportedLoggedModel {
  return { ...rest, createdAt: created_at, updatedAt: updated_at, deletedAt: deleted_at };
}

export function toModelMetricRecord({ value, ...rest }: ImportedModelMetric): ModelMetricRecord {
  return { ...rest, value: toValue(value) };
}

export function fromModelMetricRecord({ value, ...rest }: ModelMetricRecord): ImportedModelMetric {
  return { ...rest, value: Number(value) };
}

export function toModelRecord({ lastVersion, createdAt, createdBy, updatedAt, ...rest }: ImportedModel): ModelRecord {
  return { ...rest, last_version: lastVersion, created_at: createdAt, created_by: createdBy, updated_at: updatedAt };
}

export function fromModelRecord({ last_version, created_at, created_by, updated_at, ...rest }: ModelRecord): ImportedModel {
  return { ...rest, lastVersion: last_version, createdAt: created_at, createdBy: created_by, updatedAt: updated_at };
}

export function toModelVersionRecord(version: ImportedVersion): ModelVersionRecord {
  const { runLink, createdAt, createdBy, updatedAt, aliases, source, ...rest } = version;
  return {
    ...rest,
    source: { ...source },
    run_link: runLink,
    created_at: createdAt,
    created_by: createdBy,
    updated_at: updatedAt,
    aliases: [...aliases],
  };
}

export function fromModelVersionRecord(record: ModelVersionRecord): ImportedVersion {
  const { run_link, created_at, created_by, updated_at, ...rest } = record;
  return { ...rest, runLink: run_link, createdAt: created_at, createdBy: created_by, updatedAt: updated_at };
}

/** A file's digest as core writes it, once its form is checked. */
export function fromFileRecord(file: { readonly path: string; readonly digest: string; readonly size: number }): {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
} {
  return { ...file, digest: file.digest as Digest };
}
