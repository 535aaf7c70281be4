import { RUN_NAME_TAG, checkDataset, fault, inventName, nameRun, sampleSteps } from '@pawl/core';
import type {
  DatasetUse,
  EventType,
  LoggedDataset,
  LoggedModelMetric,
  Metric,
  ModelOutput,
  NewEvent,
  Page,
  PageRequest,
  Random,
  Run,
  RunChange,
  RunDetail,
  RunHead,
  RunSearch,
  RunStatus,
  Series,
  StepRange,
  Writers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import { checkLogBatch, checkParams, toTags } from './batch.ts';
import type { LogBatch } from './batch.ts';
import { prepareDefault } from './experiments.ts';
import type { ExperimentPorts } from './experiments.ts';
import { findVersions } from '../recording/link.ts';
import { addRun } from './rows.ts';

export interface TrackingPorts extends ExperimentPorts {
  readonly random: Random;
}

export interface NewTrackedRun {
  readonly experiment: number;
  /** Invented when it is empty and no tag names the run. */
  readonly name: string;
  readonly user: string;
  /** Epoch ms; now when absent. */
  readonly startedAt?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly actor: string;
}

export interface RunUpdate {
  readonly name?: string;
  readonly status?: RunStatus;
  /** Epoch ms; now for a run that ends without it. */
  readonly endedAt?: number;
}

/** Runs as clients of tracking use them: a run takes records until it is deleted, also after its end. */
export interface TrackingService {
  /** Throws `experiment_not_found`, `experiment_deleted`, `record_invalid`. */
  create(input: NewTrackedRun): Promise<Run>;
  /** Throws `run_not_found`, as all below; those that write throw `run_deleted` too. */
  get(id: string): Promise<RunDetail>;
  search(request: RunSearch): Promise<Page<RunDetail>>;
  /** The state of a run that a pipeline drives is the pipeline's. */
  update(id: string, update: RunUpdate, actor: string): Promise<RunHead>;
  /** Deleting, or restoring, twice changes nothing. */
  remove(id: string, actor: string): Promise<void>;
  restore(id: string, actor: string): Promise<void>;
  /** In one transaction. `single` words messages for one record. Throws `record_invalid`, `run_param_changed`, `run_params_changed`, `logged_model_not_found`. */
  log(id: string, batch: LogBatch, single: boolean): Promise<void>;
  /** Throws `run_tag_not_found`. */
  deleteTag(id: string, key: string): Promise<void>;
  logInputs(id: string, datasets: readonly LoggedDataset[], models: readonly string[]): Promise<void>;
  logOutputs(id: string, models: readonly ModelOutput[]): Promise<void>;
  /** Adds a model's description, a JSON object kept as it is written, to the list that older clients keep as a tag. */
  logModel(id: string, model: string): Promise<void>;
  /** What the runs of these experiments used; at most 1000. */
  datasets(experiments: readonly number[]): Promise<readonly DatasetUse[]>;
  history(id: string, key: string, page: PageRequest): Promise<Page<Metric>>;
  /** The same as columns. */
  series(id: string, key: string, page: PageRequest): Promise<Series>;
  /** Values of a key over runs: of at most about `most` steps, spread evenly. */
  sample(runs: readonly string[], key: string, range: StepRange | undefined, most: number): Promise<readonly Metric[]>;
}

const MOST_DATASETS = 1000;
const MODEL_HISTORY_TAG = 'mlflow.log-model.history';

export function createTrackingService(ports: TrackingPorts): TrackingService {
  const { database, clock, ids, random } = ports;
  const { read } = database;
  const prepared = prepareDefault(ports);

  const event = (type: EventType, run: string, actor: string, status?: RunStatus): NewEvent =>
    toEvent(ports, type, `run/${run}`, actor, { run, ...(status === undefined ? {} : { status }) });

  function write<T>(id: string, work: (tx: Writers, run: RunHead) => Promise<T>): Promise<T> {
    return database.shared(id, async (tx) => {
      const run = await tx.runs.head(id);
      if (run === undefined) throw fault('run_not_found', { id });
      if (run.lifecycle === 'deleted') throw fault('run_deleted', { id });
      return work(tx, run);
    });
  }

  async function move(id: string, lifecycle: RunHead['lifecycle'], actor: string): Promise<void> {
    await database.transaction(async (tx) => {
      const run = await tx.runs.head(id);
      if (run === undefined) throw fault('run_not_found', { id });
      if (run.lifecycle === lifecycle) return;
      await tx.runs.move(id, lifecycle, clock.now());
      await tx.events.append([event(lifecycle === 'deleted' ? 'run.deleted' : 'run.restored', id, actor)]);
    });
  }

  return {
    async create({ experiment: number, name, user, startedAt, tags, actor }) {
      const kept = toTags(
        Object.entries(tags).map(([key, value]) => ({ key, value })),
        (at) => `tags[${at}].key`,
      );
      const named = nameRun(name, kept, () => inventName(() => random.next()));
      await prepared();
      const id = ids.next();
      return database.shared(id, async (tx) => {
        const experiment = await tx.experiments.get(number);
        if (experiment === undefined) throw fault('experiment_not_found', { name: String(number) });
        const run = { id, ...named, user, startedAt: startedAt ?? clock.now(), code: null, environment: {}, params: {} };
        return addRun(tx, ports, experiment, run, actor);
      });
    },
    async get(id) {
      const found = await read.runs.detail(id);
      if (found === undefined) throw fault('run_not_found', { id });
      return found;
    },
    search: (request) => read.runs.search(request),
    update: (id, update, actor) =>
      write(id, async (tx, run) => {
        const change = await toChange(tx, run, update, clock.now());
        await tx.runs.update(id, change);
        if (change.name !== undefined) await tx.runs.record(id, { tags: { [RUN_NAME_TAG]: change.name } });
        if (change.status !== undefined && change.status !== run.status) {
          await tx.events.append([event(isOver(change.status) ? 'run.ended' : 'run.changed', id, actor, change.status)]);
        }
        return { ...run, ...change };
      }),
    remove: (id, actor) => move(id, 'deleted', actor),
    restore: (id, actor) => move(id, 'active', actor),
    async log(id, batch, single) {
      const { metrics, params, tags } = checkLogBatch(batch, single);
      const models = metrics.flatMap(({ model, dataset, ...metric }): LoggedModelMetric[] =>
        model === undefined ? [] : [{ ...metric, run: id, model, dataset: dataset ?? null }],
      );
      const points = metrics.map(({ key, value, step, time }): Metric => ({ run: id, key, value, step, time }));
      await write(id, async (tx) => {
        if (Object.keys(params).length > 0) checkParams(id, (await tx.runs.get(id))?.params ?? {}, params, single);
        await checkModels(tx, new Set(models.map(({ model }) => model)));
        const { [RUN_NAME_TAG]: name, ...others } = tags;
        if (name !== undefined && name !== '') await tx.runs.update(id, { name });
        await tx.runs.record(id, { params, tags: name === '' ? others : tags, metrics: points });
        if (models.length > 0) await tx.loggedModels.addMetrics(models);
      });
    },
    deleteTag: (id, key) =>
      write(id, async (tx) => {
        if (!(await tx.runs.deleteTag(id, key))) throw fault('run_tag_not_found', { run: id, key });
      }),
    async logInputs(id, datasets, models) {
      for (const dataset of datasets) checkDataset(dataset);
      await write(id, async (tx) => {
        await checkModels(tx, new Set(models));
        await tx.runs.record(id, { datasets, modelInputs: models, inputs: await findVersions(tx, datasets) });
      });
    },
    logOutputs: (id, models) =>
      write(id, async (tx) => {
        await checkModels(tx, new Set(models.map(({ model }) => model)));
        await tx.runs.record(id, { modelOutputs: models });
      }),
    logModel: (id, model) =>
      write(id, async (tx) => {
        const before = (await tx.runs.get(id))?.tags[MODEL_HISTORY_TAG];
        const history = toListed(before);
        await tx.runs.record(id, { tags: { [MODEL_HISTORY_TAG]: history === '' ? `[${model}]` : `[${history}, ${model}]` } });
      }),
    datasets: (experiments) => read.runs.datasets(experiments, MOST_DATASETS),
    async history(id, key, page) {
      if ((await read.runs.head(id)) === undefined) throw fault('run_not_found', { id });
      return read.metrics.history(id, key, page);
    },
    async series(id, key, page) {
      if ((await read.runs.head(id)) === undefined) throw fault('run_not_found', { id });
      return read.metrics.series(id, key, page);
    },
    async sample(runs, key, range, most) {
      const steps = await read.metrics.steps(runs, key, range ?? { from: 0, to: Number.MAX_SAFE_INTEGER });
      return read.metrics.at(runs, key, sampleSteps(steps, most));
    },
  };
}

async function checkModels(tx: Writers, models: ReadonlySet<string>): Promise<void> {
  for (const id of models) {
    if ((await tx.loggedModels.get(id)) === undefined) throw fault('logged_model_not_found', { id });
  }
}

/** What is between the brackets of a JSON list. A client may have put anything under the tag: what is no list is written anew. */
function toListed(text: string | undefined): string {
  try {
    return text !== undefined && Array.isArray(JSON.parse(text)) ? text.trim().slice(1, -1).trim() : '';
  } catch {
    return '';
  }
}

function isOver(status: RunStatus): boolean {
  return status !== 'running' && status !== 'scheduled';
}

/** A run that goes on, or runs again, has no end. */
async function toChange(tx: Writers, run: RunHead, { name, status, endedAt }: RunUpdate, now: number): Promise<RunChange> {
  const named = name === undefined || name === '' ? {} : { name };
  if (status === undefined && endedAt === undefined) return named;
  if ((await tx.pipelines.run(run.id)) !== undefined) return named;
  const next = status ?? run.status;
  return { ...named, status: next, endedAt: isOver(next) ? (endedAt ?? run.endedAt ?? now) : null };
}
