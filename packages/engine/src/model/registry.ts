import {
  checkManifest,
  checkModelAlias,
  checkModelDescription,
  checkModelName,
  checkModelTag,
  checkPromptSource,
  fault,
  isPrompt,
  fromRefText,
} from '@pawl/core';
import type {
  Blobs,
  Clock,
  Database,
  DatasetRef,
  EventType,
  Ids,
  JsonObject,
  Model,
  ModelStage,
  ModelVersion,
  Page,
  SearchRequest,
  Writers,
} from '@pawl/core';
import type { ArtifactService } from '../artifact/service.ts';
import { expectWon, retryOnConflict } from '../conflict.ts';
import { putManifest, requireContent } from '../dataset/manifest-blob.ts';
import { toEvent } from '../event.ts';
import type { LoggedModelService } from '../logged-model/service.ts';
import { insertModel, insertVersion } from './insert.ts';
import { markRegistered } from './registered-tag.ts';
import { withdrawAll } from './requests.ts';
import { requireUngoverned, requireUnused } from './rules.ts';
import type { ModelService } from './service.ts';
import { findSource } from './source.ts';
import type { FoundSource } from './source.ts';

type Tags = Readonly<Record<string, string>>;

export interface RegistryPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly models: ModelService;
  readonly artifacts: ArtifactService;
  readonly loggedModels: LoggedModelService;
}

export interface SourcedVersion {
  readonly model: string;
  /** URI of its files. */
  readonly source: string;
  readonly run: string | null;
  readonly loggedModel: string | null;
  readonly runLink: string;
  readonly description: string;
  /** `pawl.evaluation` names the frozen data that a gate judges it on, as `name:version`. */
  readonly tags: Tags;
  readonly actor: string;
}

interface VersionName {
  readonly model: string;
  readonly version: number;
}

/** What a registry of models can do beyond registering packages: the words of MLflow's, on the same records. */
export interface RegistryService {
  /** Throws `model_refused`, `model_exists`. */
  create(input: { readonly name: string; readonly description: string; readonly tags: Tags; readonly actor: string }): Promise<Model>;
  /** What is absent stays. */
  change(input: { readonly name: string; readonly description?: string; readonly actor: string }): Promise<Model>;
  /** Throws `model_governed`, `model_exists`, `model_refused`. */
  rename(input: { readonly name: string; readonly to: string; readonly actor: string }): Promise<Model>;
  /** With its versions. Throws `model_governed`. */
  remove(input: { readonly name: string; readonly actor: string }): Promise<void>;
  setTag(input: { readonly name: string; readonly key: string; readonly value: string; readonly actor: string }): Promise<void>;
  /** Nothing happens when there is no such tag. */
  deleteTag(input: { readonly name: string; readonly key: string; readonly actor: string }): Promise<void>;
  search(request: SearchRequest): Promise<Page<Model>>;
  /** The highest version of each of these stages; of all of them when none is given. */
  latest(models: readonly string[], stages: readonly ModelStage[]): Promise<readonly ModelVersion[]>;
  /** Throws `model_version_not_found`. */
  version(model: string, version: number): Promise<ModelVersion>;
  /** Throws `model_not_found`, `model_source_invalid`, `model_refused`. */
  register(input: SourcedVersion): Promise<ModelVersion>;
  changeVersion(input: VersionName & { readonly description?: string; readonly actor: string }): Promise<ModelVersion>;
  /** Its number is not given again. Throws `model_version_in_use`. */
  removeVersion(input: VersionName & { readonly actor: string }): Promise<void>;
  setVersionTag(input: VersionName & { readonly key: string; readonly value: string; readonly actor: string }): Promise<void>;
  deleteVersionTag(input: VersionName & { readonly key: string; readonly actor: string }): Promise<void>;
  searchVersions(request: SearchRequest): Promise<Page<ModelVersion>>;
  /** The version an alias names; `latest` in any case is the highest. Throws `model_alias_not_found`. */
  byAlias(model: string, alias: string): Promise<ModelVersion>;
  /** Nothing happens when there is no such alias. */
  removeAlias(input: { readonly model: string; readonly alias: string; readonly actor: string }): Promise<void>;
}

const EVALUATION_TAG = 'pawl.evaluation';

export function createRegistryService(ports: RegistryPorts): RegistryService {
  const { database, blobs, clock, ids, models } = ports;

  const inModel = <T>(name: string, work: (tx: Writers, model: Model) => Promise<T>): Promise<T> =>
    retryOnConflict(`Model "${name}"`, () =>
      database.transaction(async (tx) => {
        const model = await tx.models.get(name);
        if (model === undefined) throw fault('model_not_found', { name });
        return work(tx, model);
      }),
    );

  const inVersion = <T>({ model, version }: VersionName, work: (tx: Writers, found: ModelVersion, of: Model) => Promise<T>): Promise<T> =>
    inModel(model, async (tx, record) => {
      const found = await tx.models.version(model, version);
      if (found === undefined) throw fault('model_version_not_found', { name: model, version: String(version) });
      return work(tx, found, record);
    });

  const tell = (tx: Writers, type: EventType, model: Model, actor: string, data: JsonObject, version?: number): Promise<void> => {
    const subject = version === undefined ? `model/${model.name}` : `model/${model.name}/${version}`;
    const named = version === undefined ? { model: model.name } : { model: model.name, version };
    return tx.events.append([toEvent(ports, type, subject, actor, { ...named, ...data, prompt: isPrompt(model.tags) })]);
  };

  const write = async (tx: Writers, found: ModelVersion, change: Partial<ModelVersion>): Promise<ModelVersion> => {
    const changed = { ...found, ...change, revision: found.revision + 1 };
    expectWon(await tx.models.updateVersion(changed, found.revision));
    return changed;
  };

  const evaluationOf = async (tags: Tags): Promise<DatasetRef | null> => {
    const text = tags[EVALUATION_TAG];
    if (text === undefined) return null;
    const ref = fromRefText(text);
    const version =
      ref.version === undefined ? undefined : await database.read.datasets.version({ dataset: ref.dataset, version: ref.version });
    if (version === undefined)
      throw fault('model_refused', { problem: `Tag '${EVALUATION_TAG}' must name a dataset's version, such as mail:4; got '${text}'.` });
    return { dataset: version.dataset, version: version.version };
  };

  return {
    async create({ name, description, tags, actor }) {
      checkModelName(name);
      checkModelDescription(description);
      for (const [key, value] of Object.entries(tags)) checkModelTag(key, value);
      const now = clock.now();
      const model: Model = { name, description, tags, lastVersion: 0, createdAt: now, createdBy: actor, updatedAt: now };
      return database.transaction(async (tx) => {
        if (await insertModel(ports, tx, model)) return model;
        throw exists(name, tags, (await tx.models.get(name))?.tags ?? {});
      });
    },
    change: ({ name, description, actor }) =>
      inModel(name, async (tx, model) => {
        if (description !== undefined) checkModelDescription(description);
        const changed = { ...model, description: description ?? model.description, updatedAt: clock.now() };
        await tx.models.update(changed);
        await tell(tx, 'model.changed', model, actor, { description: changed.description });
        return changed;
      }),
    rename: ({ name, to, actor }) => {
      checkModelName(to, 'new_name');
      return inModel(name, async (tx, model) => {
        if (to === name) return model;
        await requireUngoverned(tx, name, 'renamed');
        await requireUngoverned(tx, to, 'taken for another model');
        const now = clock.now();
        if (!(await tx.models.rename(name, to, now))) throw exists(to, model.tags, (await tx.models.get(to))?.tags ?? {});
        await tell(tx, 'model.renamed', model, actor, { to });
        return { ...model, name: to, updatedAt: now };
      });
    },
    remove: ({ name, actor }) =>
      inModel(name, async (tx, model) => {
        await requireUngoverned(tx, name, 'deleted');
        await tx.models.remove(name);
        await tell(tx, 'model.deleted', model, actor, { versions: model.lastVersion });
      }),
    setTag: ({ name, key, value, actor }) => {
      checkModelTag(key, value);
      return inModel(name, async (tx, model) => {
        const changed = { ...model, tags: { ...model.tags, [key]: value } };
        await tx.models.update(changed);
        await tell(tx, 'model.tag_set', changed, actor, { key, value });
      });
    },
    deleteTag: ({ name, key, actor }) => {
      checkModelTag(key, undefined);
      return inModel(name, async (tx, model) => {
        if (!Object.hasOwn(model.tags, key)) return;
        await tx.models.update({ ...model, tags: without(model.tags, key) });
        await tell(tx, 'model.tag_deleted', model, actor, { key });
      });
    },
    search: (request) => database.read.models.search(request),
    async latest(names, stages) {
      const found = await database.read.models.latest(names);
      return stages.length === 0 ? found : found.filter((version) => stages.includes(version.stage));
    },
    async version(name, number) {
      const found = await database.read.models.version(name, number);
      if (found !== undefined) return found;
      throw fault('model_version_not_found', { name, version: String(number) });
    },
    async register({ model: name, source, run, loggedModel, runLink, description, tags, actor }) {
      checkModelName(name);
      checkModelDescription(description);
      for (const [key, value] of Object.entries(tags)) checkModelTag(key, value);
      await models.get(name);
      let found: FoundSource = { location: source, run, loggedModel, package: null, manifest: null };
      if (isPrompt(tags)) checkPromptSource(source);
      else {
        const named = { run, loggedModel };
        found = await findSource({ ...ports, read: database.read, version: models.version }, source, named);
      }
      const evaluation = await evaluationOf(tags);
      if (found.manifest !== null) await requireContent(blobs, found.manifest);
      const digest = found.manifest === null ? found.package : await putManifest(blobs, checkManifest(found.manifest));
      const content = {
        source,
        location: found.location,
        package: digest,
        run: found.run,
        loggedModel: found.loggedModel,
        runLink,
        task: null,
        inputs: [],
        evaluation,
        description,
        tags,
        key: ids.next(),
      };
      return inModel(name, async (tx, model) => {
        const version = await insertVersion(ports, tx, model, content, actor);
        if (found.loggedModel !== null) await markRegistered(tx, found.loggedModel, version);
        return version;
      });
    },
    changeVersion: ({ description, actor, ...named }) =>
      inVersion(named, async (tx, found, model) => {
        if (description !== undefined) checkModelDescription(description);
        const changed = await write(tx, found, { description: description ?? found.description, updatedAt: clock.now() });
        await tell(tx, 'model.version_changed', model, actor, { description: changed.description }, named.version);
        return changed;
      }),
    removeVersion: ({ actor, ...named }) =>
      inVersion(named, async (tx, found, model) => {
        await requireUnused(tx, named.model, named.version);
        await withdrawAll(ports, tx, named.model, named.version, 'the version was deleted', actor);
        await tx.models.removeVersion(named.model, named.version);
        await tx.models.update({ ...model, updatedAt: clock.now() });
        await tell(tx, 'model.version_deleted', model, actor, { source: found.source, run: found.run, stage: found.stage }, named.version);
      }),
    setVersionTag: ({ key, value, actor, ...named }) => {
      checkModelTag(key, value);
      return inVersion(named, async (tx, found, model) => {
        await write(tx, found, { tags: { ...found.tags, [key]: value } });
        await tell(tx, 'model.version_tag_set', model, actor, { key, value }, named.version);
      });
    },
    deleteVersionTag: ({ key, actor, ...named }) => {
      checkModelTag(key, undefined);
      return inVersion(named, async (tx, found, model) => {
        if (!Object.hasOwn(found.tags, key)) return;
        await write(tx, found, { tags: without(found.tags, key) });
        await tell(tx, 'model.version_tag_deleted', model, actor, { key }, named.version);
      });
    },
    searchVersions: (request) => database.read.models.searchVersions(request),
    async byAlias(model, alias) {
      await models.get(model);
      const latest = alias.toLowerCase() === 'latest';
      const version = latest
        ? (await database.read.models.versions(model, undefined, { limit: 1 })).items[0]?.version
        : (await database.read.models.aliases(model)).find((one) => one.alias === alias)?.version;
      const found = version === undefined ? undefined : await database.read.models.version(model, version);
      if (found === undefined) throw fault('model_alias_not_found', { name: model, alias });
      return found;
    },
    removeAlias: ({ model: name, alias, actor }) => {
      if (alias === '') checkModelAlias(alias);
      return inModel(name, async (tx, model) => {
        if (await tx.models.removeAlias(name, alias)) await tell(tx, 'model.alias_deleted', model, actor, { alias });
      });
    },
  };
}

function exists(name: string, wanted: Tags, existing: Tags): Error {
  const kind = (tags: Tags): string => (isPrompt(tags) ? 'prompt' : 'registered model');
  return fault('model_exists', { name, wanted: kind(wanted), existing: kind(existing) });
}

function without(tags: Tags, key: string): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([each]) => each !== key));
}
