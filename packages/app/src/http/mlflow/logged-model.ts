import { toArtifactPath } from '@pawl/core';
import type { LoggedModel, LoggedModelMetric, LoggedModelStatus } from '@pawl/core';
import type { ArtifactService, LoggedModelService } from '@pawl/engine';
import { toFileInfos } from './artifact.ts';
import { mlflowError } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { toWireNumber, unlessEmpty } from './json.ts';

const statusNumbers = { LOGGED_MODEL_PENDING: 1, LOGGED_MODEL_READY: 2, LOGGED_MODEL_UPLOAD_FAILED: 3 } as const;

const statuses: Readonly<Record<keyof typeof statusNumbers, LoggedModelStatus>> = {
  LOGGED_MODEL_PENDING: 'pending',
  LOGGED_MODEL_READY: 'ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'failed',
};

const names: Readonly<Record<LoggedModelStatus, string>> = {
  pending: 'LOGGED_MODEL_PENDING',
  ready: 'LOGGED_MODEL_READY',
  failed: 'LOGGED_MODEL_UPLOAD_FAILED',
};

const required = { required: true } as const;

export interface LoggedModelServices {
  readonly loggedModels: LoggedModelService;
  readonly artifacts: ArtifactService;
}

/** Models as training saved them, before registration (MLflow 3). */
export function loggedModelRoutes({ loggedModels, artifacts }: LoggedModelServices): readonly MlflowRoute[] {
  const idOf = (input: MlflowInput): string => input.string('model_id', required);
  const show = async (model: LoggedModel): Promise<object> => ({
    model: toWire(model, await loggedModels.uri(model), await loggedModels.metrics([model.id])),
  });

  return [
    defineMlflowRoute({
      operation: 'createLoggedModel',
      method: 'POST',
      version: '2.0',
      path: '/logged-models',
      handle: async (input) =>
        show(
          await loggedModels.create({
            experiment: toExperimentId(input),
            name: input.string('name') ?? '',
            type: input.string('model_type') ?? '',
            run: input.string('source_run_id') || null,
            params: toTexts(input.list('params')),
            tags: toTexts(input.list('tags')),
            actor: input.actor,
          }),
        ),
    }),
    defineMlflowRoute({
      operation: 'getLoggedModel',
      method: 'GET',
      version: '2.0',
      path: '/logged-models/:model_id',
      handle: async (input) =>
        show(await loggedModels.get(idOf(input), input.boolean('allow_deleted') === true ? 'also deleted' : undefined)),
    }),
    defineMlflowRoute({
      operation: 'finalizeLoggedModel',
      method: 'PATCH',
      version: '2.0',
      path: '/logged-models/:model_id',
      handle: async (input) => {
        const status = input.choice('status', statusNumbers, required);
        return show(await loggedModels.setStatus(idOf(input), statuses[status], input.actor));
      },
    }),
    defineMlflowRoute({
      operation: 'deleteLoggedModel',
      method: 'DELETE',
      version: '2.0',
      path: '/logged-models/:model_id',
      handle: async (input) => loggedModels.remove(idOf(input), input.actor),
    }),
    defineMlflowRoute({
      operation: 'setLoggedModelTags',
      method: 'PATCH',
      version: '2.0',
      path: '/logged-models/:model_id/tags',
      handle: async (input) => show(await loggedModels.setTags(idOf(input), toTexts(input.list('tags')), input.actor)),
    }),
    defineMlflowRoute({
      operation: 'deleteLoggedModelTag',
      method: 'DELETE',
      version: '2.0',
      path: '/logged-models/:model_id/tags/:tag_key',
      handle: async (input) => void (await loggedModels.deleteTag(idOf(input), input.string('tag_key', required), input.actor)),
    }),
    defineMlflowRoute({
      operation: 'logLoggedModelParams',
      method: 'POST',
      version: '2.0',
      path: '/logged-models/:model_id/params',
      handle: async (input) => void (await loggedModels.addParams(idOf(input), toTexts(input.list('params')), input.actor)),
    }),
    defineMlflowRoute({
      operation: 'listLoggedModelArtifacts',
      method: 'GET',
      version: '2.0',
      path: '/logged-models/:model_id/artifacts/directories',
      handle: async (input) => {
        const model = await loggedModels.get(idOf(input));
        const path = toArtifactPath(input.string('artifact_directory_path') ?? '');
        const entries = await artifacts.list({ tree: `model/${model.id}`, path });
        return { root_uri: await loggedModels.uri(model), files: toFileInfos(entries, path) };
      },
    }),
  ];
}

function toWire(model: LoggedModel, uri: string, metrics: readonly LoggedModelMetric[]): object {
  const { id, experiment, name, type, status, run, createdAt, updatedAt, params, tags } = model;
  return {
    info: {
      model_id: id,
      experiment_id: String(experiment),
      name,
      creation_timestamp_ms: createdAt,
      last_updated_timestamp_ms: updatedAt,
      artifact_uri: uri,
      status: names[status],
      ...(type === '' ? {} : { model_type: type }),
      ...(run === null ? {} : { source_run_id: run }),
      tags: toPairs(tags),
    },
    data: { params: toPairs(params), metrics: unlessEmpty(metrics.map(toMetric)) },
  };
}

function toMetric({ model, run, key, value, time, step, dataset }: LoggedModelMetric): object {
  return {
    key,
    value: toWireNumber(value),
    timestamp: time,
    step,
    model_id: model,
    run_id: run,
    ...(dataset === null ? {} : { dataset_name: dataset.name, dataset_digest: dataset.digest }),
  };
}

function toPairs(texts: Readonly<Record<string, string>>): readonly object[] | undefined {
  return unlessEmpty(Object.entries(texts).map(([key, value]) => ({ key, value })));
}

/** The last of a key wins. */
function toTexts(items: readonly MlflowInput[]): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map((item) => [item.string('key', required), item.string('value') ?? '']));
}

function toExperimentId(input: MlflowInput): number {
  const id = input.string('experiment_id', required);
  if (/^[0-9]{1,15}$/.test(id)) return Number(id);
  throw mlflowError('INVALID_PARAMETER_VALUE', `Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
}
