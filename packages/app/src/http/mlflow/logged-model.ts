import { parseLoggedModelFilter, parseLoggedModelOrder, toArtifactPath } from '@pawl/core';
import type { LoggedModel, LoggedModelDataset, LoggedModelMetric, LoggedModelOrder, LoggedModelStatus } from '@pawl/core';
import type { ArtifactService, LoggedModelService } from '@pawl/engine';
import { toFileInfos } from './artifact.ts';
import { invalidParameter, missingParameter } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { toWireNumber, unlessEmpty } from './json.ts';
import { required, toAfter, toExperimentId, toExperimentOf, toTexts, toWireTexts } from './tracking-wire.ts';

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

const PAGE = 100;
/** Who asks for more gets a token for the rest. */
const MOST_PER_PAGE = 1000;

export interface LoggedModelServices {
  readonly loggedModels: LoggedModelService;
  readonly artifacts: ArtifactService;
}

/** Models as training saved them, before registration (MLflow 3). */
export function loggedModelRoutes({ loggedModels, artifacts }: LoggedModelServices): readonly MlflowRoute[] {
  const idOf = (input: MlflowInput): string => input.string('model_id', required);
  const showAll = async (models: readonly LoggedModel[]): Promise<readonly object[]> => {
    const metrics = Map.groupBy(await loggedModels.metrics(models.map(({ id }) => id)), ({ model }) => model);
    return Promise.all(models.map(async (model) => toWire(model, await loggedModels.uri(model), metrics.get(model.id) ?? [])));
  };
  const show = async (model: LoggedModel): Promise<object> => ({ model: (await showAll([model]))[0] });

  return [
    defineMlflowRoute({
      operation: 'createLoggedModel',
      method: 'POST',
      version: '2.0',
      path: '/logged-models',
      handle: async (input) =>
        show(
          await loggedModels.create({
            experiment: toExperimentOf(input),
            name: input.string('name') ?? '',
            type: input.string('model_type') ?? '',
            run: input.string('source_run_id') || null,
            params: toTexts(input, 'params'),
            tags: toTexts(input, 'tags'),
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
      operation: 'searchLoggedModels',
      method: 'POST',
      version: '2.0',
      path: '/logged-models/search',
      handle: async (input) => {
        if (!input.has('experiment_ids')) throw missingParameter('experiment_ids');
        const page = await loggedModels.search({
          experiments: input.strings('experiment_ids').map(toExperimentId),
          filter: parseLoggedModelFilter(input.string('filter') ?? ''),
          orders: input.list('order_by').map(toOrder),
          datasets: input.list('datasets').map(toDataset),
          limit: toLimit(input),
          ...toAfter(input),
        });
        return { models: unlessEmpty(await showAll(page.items)), next_page_token: page.next };
      },
    }),
    defineMlflowRoute({
      operation: 'setLoggedModelTags',
      method: 'PATCH',
      version: '2.0',
      path: '/logged-models/:model_id/tags',
      handle: async (input) => show(await loggedModels.setTags(idOf(input), toTexts(input, 'tags'), input.actor)),
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
      handle: async (input) => void (await loggedModels.addParams(idOf(input), toTexts(input, 'params'), input.actor)),
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
      tags: toWireTexts(tags),
    },
    data: { params: toWireTexts(params), metrics: unlessEmpty(metrics.map(toMetric)) },
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

function toLimit(input: MlflowInput): number {
  const asked = input.integer('max_results') || PAGE;
  if (asked < 0) throw invalidParameter('max_results', asked, 'It must be at least 1.');
  return Math.min(asked, MOST_PER_PAGE);
}

function toDataset(input: MlflowInput): LoggedModelDataset {
  return { name: input.string('dataset_name', required), digest: input.string('dataset_digest') || null };
}

function toOrder(input: MlflowInput): LoggedModelOrder {
  const [name, digest] = [input.string('dataset_name') ?? '', input.string('dataset_digest') ?? ''];
  const dataset = { ...(name === '' ? {} : { name }), ...(digest === '' ? {} : { digest }) };
  return parseLoggedModelOrder(input.string('field_name', required), input.boolean('ascending') ?? true, dataset);
}
