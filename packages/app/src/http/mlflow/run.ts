import { parseFilter, parseOrder, runSearch } from '@pawl/core';
import type { LoggedDataset, Page, RunDetail } from '@pawl/core';
import type { LoggedMetric } from '@pawl/engine';
import { mlflowError } from './errors.ts';
import type { TrackingServices } from './experiment.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowAnswer, MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { inParts } from './parts.ts';
import {
  required,
  toAfter,
  toExperimentId,
  toLimit,
  toPairs,
  toRunId,
  toRunStatus,
  toTexts,
  toView,
  toWireInfo,
  toWireRun,
  toWireTexts,
} from './tracking-wire.ts';

const MOST_PER_PAGE = 50_000;
const MODEL_FIELDS = ['artifact_path', 'flavors', 'run_id', 'utc_time_created'] as const;

export function runRoutes({ tracking }: Pick<TrackingServices, 'tracking'>): readonly MlflowRoute[] {
  const post = (operation: string, path: string, handle: MlflowRoute['handle']): MlflowRoute =>
    defineMlflowRoute({ operation, method: 'POST', version: '2.0', path: `/runs/${path}`, handle });
  const text = (input: MlflowInput) => [{ key: input.string('key', required), value: input.string('value') ?? '' }];

  return [
    post('createRun', 'create', async (input) => {
      const startedAt = input.integer('start_time') ?? 0;
      const run = await tracking.create({
        experiment: toExperimentId(input.string('experiment_id') || '0'),
        name: input.string('run_name') ?? '',
        user: input.string('user_id') ?? '',
        tags: toTexts(input, 'tags'),
        actor: input.actor,
        // 0 is what clients send that do not know it.
        ...(startedAt === 0 ? {} : { startedAt }),
      });
      return { run: { info: toWireInfo(run), data: { tags: toWireTexts(run.tags) }, inputs: {} } };
    }),
    defineMlflowRoute({
      operation: 'getRun',
      method: 'GET',
      version: '2.0',
      path: '/runs/get',
      handle: async (input) => ({ run: toWireRun(await tracking.get(toRunId(input))) }),
    }),
    post('updateRun', 'update', async (input) => {
      const [name, status, endedAt] = [input.string('run_name'), toRunStatus(input), input.integer('end_time')];
      const update = {
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        ...(endedAt === undefined ? {} : { endedAt }),
      };
      return { run_info: toWireInfo(await tracking.update(toRunId(input), update, input.actor)) };
    }),
    post('deleteRun', 'delete', (input) => tracking.remove(toRunId(input), input.actor)),
    post('restoreRun', 'restore', (input) => tracking.restore(toRunId(input), input.actor)),
    post('searchRuns', 'search', async (input) => {
      const page = await tracking.search({
        experiments: input.strings('experiment_ids').map(toExperimentId),
        filter: parseFilter(runSearch, input.string('filter') ?? ''),
        orders: parseOrder(runSearch, input.strings('order_by')),
        limit: toLimit(input, 1000, MOST_PER_PAGE),
        ...toView(input, 'run_view_type'),
        ...toAfter(input),
      });
      return writeRuns(page);
    }),
    post('logMetric', 'log-metric', (input) => {
      const id = toRunId(input);
      return tracking.log(id, { metrics: [toMetric(input)], params: [], tags: [] }, true);
    }),
    post('logParam', 'log-parameter', (input) => tracking.log(toRunId(input), { metrics: [], params: text(input), tags: [] }, true)),
    post('setTag', 'set-tag', (input) => tracking.log(toRunId(input), { metrics: [], params: [], tags: text(input) }, true)),
    post('deleteTag', 'delete-tag', (input) => tracking.deleteTag(toRunId(input), input.string('key', required))),
    post('logBatch', 'log-batch', (input) => {
      const id = toRunId(input);
      const metrics = input.list('metrics').map(toMetric);
      return tracking.log(id, { metrics, params: toPairs(input, 'params'), tags: toPairs(input, 'tags') }, false);
    }),
    post('logInputs', 'log-inputs', (input) => tracking.logInputs(toRunId(input), input.list('datasets').map(toDataset), toModels(input))),
    post('logOutputs', 'outputs', (input) => {
      const models = input.list('models').map((each) => ({ model: each.string('model_id', required), step: each.integer('step') ?? 0 }));
      return tracking.logOutputs(toRunId(input), models);
    }),
    post('logModel', 'log-model', (input) => tracking.logModel(toRunId(input), toModelJson(input.string('model_json', required)))),
  ];
}

/** Runs written at once; between them other requests have their turn. */
const RUNS_A_PART = 250;

function writeRuns({ items, next }: Page<RunDetail>): MlflowAnswer {
  if (items.length <= RUNS_A_PART) return { runs: unlessEmpty(items.map(toWireRun)), next_page_token: next };
  const write = (from: number, to: number) => items.slice(from, to).map((run) => JSON.stringify(toWireRun(run)));
  return inParts(
    '{"runs":[',
    items.length,
    RUNS_A_PART,
    write,
    `]${next === undefined ? '' : `,"next_page_token":${JSON.stringify(next)}`}}`,
  );
}

function toMetric(input: MlflowInput): LoggedMetric {
  const [model, name, digest] = [input.string('model_id'), input.string('dataset_name'), input.string('dataset_digest')];
  return {
    key: input.string('key', required),
    value: input.number('value', required),
    time: input.integer('timestamp', required),
    step: input.integer('step') ?? 0,
    ...(model ? { model } : {}),
    ...(name ? { dataset: { name, digest: digest ?? '' } } : {}),
  };
}

function toDataset(input: MlflowInput): LoggedDataset {
  const dataset = input.message('dataset');
  if (dataset === undefined) throw mlflowError('INVALID_PARAMETER_VALUE', 'Dataset input must have a dataset associated with it.');
  return {
    name: dataset.string('name', required),
    digest: dataset.string('digest', required),
    sourceType: dataset.string('source_type', required),
    source: dataset.string('source', required),
    schema: dataset.string('schema') ?? null,
    profile: dataset.string('profile') ?? null,
    tags: toTexts(input, 'tags'),
  };
}

function toModels(input: MlflowInput): readonly string[] {
  return input.list('models').map((each) => each.string('model_id', required));
}

/** The text of a model's description, once it is seen to be one. */
function toModelJson(text: string): string {
  const model = parse(text);
  if (typeof model !== 'object' || model === null || Array.isArray(model)) {
    throw mlflowError('INVALID_PARAMETER_VALUE', `Malformed model info. \n ${text} \n is not a valid JSON.`);
  }
  const missing = MODEL_FIELDS.filter((field) => !Object.hasOwn(model, field));
  if (missing.length === 0) return text;
  throw mlflowError('INVALID_PARAMETER_VALUE', `Model json is missing mandatory fields: ${missing.join(', ')}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
