import { addLoggedModelParams, checkKey, checkLoggedModelName, fault, inventName, toLoggedModelParams, toTagValue } from '@pawl/core';
import type {
  Clock,
  Database,
  EventType,
  Ids,
  LoggedModel,
  LoggedModelMetric,
  LoggedModelSearch,
  LoggedModelStatus,
  Page,
  Random,
  Writers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import { loggedModelUri } from './uri.ts';

export interface LoggedModelPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  /** Root URI of experiments that name no location of their own. */
  readonly artifactRoot: string;
}

type Texts = Readonly<Record<string, string>>;

export interface NewLoggedModel {
  readonly experiment: number;
  /** Invented when empty. */
  readonly name: string;
  readonly type: string;
  readonly run: string | null;
  readonly params: Texts;
  readonly tags: Texts;
  readonly actor: string;
}

export interface LoggedModelService {
  /** Throws `experiment_not_found`, `experiment_deleted`, `record_invalid`. */
  create(input: NewLoggedModel): Promise<LoggedModel>;
  /** Throws `logged_model_not_found`, as all below. */
  get(id: string, which?: 'also deleted'): Promise<LoggedModel>;
  /** Root of its artifacts for clients. */
  uri(model: LoggedModel): Promise<string>;
  search(request: LoggedModelSearch): Promise<Page<LoggedModel>>;
  metrics(ids: readonly string[]): Promise<readonly LoggedModelMetric[]>;
  setStatus(id: string, status: LoggedModelStatus, actor: string): Promise<LoggedModel>;
  /** Throws `record_invalid`. */
  setTags(id: string, tags: Texts, actor: string): Promise<LoggedModel>;
  /** Throws `logged_model_tag_not_found`. */
  deleteTag(id: string, key: string, actor: string): Promise<LoggedModel>;
  /** A parameter keeps its first value. Throws `logged_model_param_changed`, `record_invalid`. */
  addParams(id: string, params: Texts, actor: string): Promise<LoggedModel>;
  /** It is not found afterwards; its files stay for the model versions made of it. */
  remove(id: string, actor: string): Promise<void>;
}

export function createLoggedModelService(ports: LoggedModelPorts): LoggedModelService {
  const { database, clock, ids, random, artifactRoot } = ports;
  const { read } = database;

  const event = (type: EventType, { id, experiment, name, status }: LoggedModel, actor: string) =>
    toEvent(ports, type, `logged-model/${id}`, actor, { model: id, experiment, name, status });

  async function find(from: Pick<Writers, 'loggedModels'> | typeof read, id: string, which?: 'also deleted'): Promise<LoggedModel> {
    const found = await from.loggedModels.get(id, which);
    if (found === undefined) throw fault('logged_model_not_found', { id });
    return found;
  }

  function change(id: string, actor: string, to: (model: LoggedModel) => LoggedModel): Promise<LoggedModel> {
    return database.transaction(async (tx) => {
      const changed = { ...to(await find(tx, id)), updatedAt: clock.now() };
      await tx.loggedModels.update(changed);
      await tx.events.append([event('logged_model.changed', changed, actor)]);
      return changed;
    });
  }

  return {
    async create({ name, params, tags, actor, ...rest }) {
      const chosen = name === '' ? inventName(() => random.next()) : name;
      checkLoggedModelName(chosen);
      const now = clock.now();
      const model: LoggedModel = {
        ...rest,
        id: `m-${ids.next()}`,
        name: chosen,
        status: 'pending',
        createdAt: now,
        updatedAt: now,
        params: toLoggedModelParams(params),
        tags: toTags(tags),
      };
      return database.transaction(async (tx) => {
        const experiment = await tx.experiments.get(model.experiment);
        if (experiment === undefined) throw fault('experiment_not_found', { name: String(model.experiment) });
        if (experiment.lifecycle === 'deleted') throw fault('experiment_deleted', { id: model.experiment });
        await tx.loggedModels.insert(model);
        await tx.events.append([event('logged_model.created', model, actor)]);
        return model;
      });
    },
    get: (id, which) => find(read, id, which),
    uri: (model) => loggedModelUri(read, artifactRoot, model),
    search: (request) => read.loggedModels.search(request),
    metrics: (models) => read.loggedModels.metrics(models),
    setStatus: (id, status, actor) => change(id, actor, (model) => ({ ...model, status })),
    setTags: (id, tags, actor) => change(id, actor, (model) => ({ ...model, tags: { ...model.tags, ...toTags(tags) } })),
    deleteTag: (id, key, actor) =>
      change(id, actor, (model) => {
        if (!Object.hasOwn(model.tags, key)) throw fault('logged_model_tag_not_found', { id, key });
        return { ...model, tags: Object.fromEntries(Object.entries(model.tags).filter(([name]) => name !== key)) };
      }),
    addParams: (id, params, actor) => change(id, actor, (model) => addLoggedModelParams(model, toLoggedModelParams(params))),
    async remove(id, actor) {
      await database.transaction(async (tx) => {
        const model = await find(tx, id);
        await tx.loggedModels.remove(id, clock.now());
        await tx.events.append([event('logged_model.deleted', model, actor)]);
      });
    },
  };
}

function toTags(tags: Texts): Texts {
  for (const key of Object.keys(tags)) checkKey(key, 'tags', 'Tag key');
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, toTagValue(value)]));
}
