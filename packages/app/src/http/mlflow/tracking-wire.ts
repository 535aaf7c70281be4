import { FOLDER_TAG, folderOfName } from '@pawl/core';
import type { Experiment, LoggedDataset, Metric, RunDetail, RunHead, RunStatus } from '@pawl/core';
import { invalidParameter, mlflowError } from './errors.ts';
import type { MlflowInput } from './input.ts';
import { toWireNumber, unlessEmpty } from './json.ts';

export const required = { required: true } as const;

type Texts = Readonly<Record<string, string>>;

/** Experiments are numbers that travel as strings. */
export function toExperimentId(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw mlflowError('INVALID_PARAMETER_VALUE', `Invalid experiment ID '${text}'. Experiment ID must be a valid integer.`);
}

export function toExperimentOf(input: MlflowInput): number {
  return toExperimentId(input.string('experiment_id', required));
}

/** `run_uuid` is what older clients call it. */
export function toRunId(input: MlflowInput): string {
  return input.string('run_id') || input.string('run_uuid') || input.string('run_id', required);
}

/** Pairs of a message's list, in their order; a value that is not told is empty. */
export function toPairs(input: MlflowInput, name: string): { readonly key: string; readonly value: string }[] {
  return input.list(name).map((each) => ({ key: each.string('key', required), value: each.string('value') ?? '' }));
}

/** The last of a key wins. */
export function toTexts(input: MlflowInput, name: string): Texts {
  return Object.fromEntries(toPairs(input, name).map(({ key, value }) => [key, value]));
}

/** How many a page may hold. */
export function toLimit(input: MlflowInput, normal: number, most: number): number {
  const limit = input.integer('max_results') ?? normal;
  if (limit < 1) throw invalidParameter('max_results', limit, 'It must be at least 1.');
  if (limit > most) throw invalidParameter('max_results', limit, `It must be at most ${most}.`);
  return limit;
}

export function toAfter(input: MlflowInput): { readonly after?: string } {
  const token = input.string('page_token') ?? '';
  return token === '' ? {} : { after: token };
}

const views = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 } as const;

export function toView(input: MlflowInput, name: string): { readonly lifecycle?: 'active' | 'deleted' } {
  const view = input.choice(name, views) ?? 'ACTIVE_ONLY';
  return view === 'ALL' ? {} : { lifecycle: view === 'ACTIVE_ONLY' ? 'active' : 'deleted' };
}

const runStatuses = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 } as const;

export function toRunStatus(input: MlflowInput): RunStatus | undefined {
  return input.choice('status', runStatuses)?.toLowerCase() as RunStatus | undefined;
}

export function toWireExperiment(experiment: Experiment, location: string): object {
  return {
    experiment_id: String(experiment.id),
    name: experiment.name,
    artifact_location: location,
    lifecycle_stage: experiment.lifecycle,
    last_update_time: experiment.updatedAt,
    creation_time: experiment.createdAt,
    tags: toWireTexts({ ...experiment.tags, ...toFolderTag(experiment) }),
  };
}

/** An experiment that lies where its name says looks as it does in MLflow. */
function toFolderTag({ name, folder }: Experiment): Texts {
  return folder === folderOfName(name) ? {} : { [FOLDER_TAG]: folder };
}

export function toWireTexts(texts: Texts): readonly object[] | undefined {
  return unlessEmpty(Object.entries(texts).map(([key, value]) => ({ key, value })));
}

export function toWireInfo(run: RunHead): object {
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: String(run.experiment),
    user_id: run.user,
    status: run.status.toUpperCase(),
    start_time: run.startedAt,
    ...(run.endedAt === null ? {} : { end_time: run.endedAt }),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycle,
  };
}

export function toWireMetric({ key, value, step, time }: Metric): object {
  return { key, value: toWireNumber(value), timestamp: time, step };
}

export function toWireRun({ run, metrics, datasets, modelInputs, modelOutputs }: RunDetail): object {
  return {
    info: toWireInfo(run),
    data: { metrics: unlessEmpty(metrics.map(toWireMetric)), params: toWireTexts(run.params), tags: toWireTexts(run.tags) },
    inputs: {
      dataset_inputs: unlessEmpty(datasets.map(toWireDataset)),
      model_inputs: unlessEmpty(modelInputs.map((model) => ({ model_id: model }))),
    },
    outputs: { model_outputs: unlessEmpty(modelOutputs.map(({ model, step }) => ({ model_id: model, step }))) },
  };
}

function toWireDataset({ name, digest, sourceType, source, schema, profile, tags }: LoggedDataset): object {
  return {
    tags: toWireTexts(tags),
    dataset: {
      name,
      digest,
      source_type: sourceType,
      source,
      ...(schema === null ? {} : { schema }),
      ...(profile === null ? {} : { profile }),
    },
  };
}
