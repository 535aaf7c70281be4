import {
  FOLDER_TAG,
  checkExperimentName,
  checkExperimentTags,
  checkLocation,
  fault,
  folderOfName,
  toExperimentRoot,
  toFolder,
} from '@pawl/core';
import type { Clock, Database, Experiment, ExperimentSearch, Ids, Lifecycle, Page, Writers } from '@pawl/core';
import { toExperimentEvent } from './event.ts';

export interface ExperimentPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Root URI of the artifacts of experiments that name no location of their own. */
  readonly artifactRoot: string;
}

export interface NewExperiment {
  readonly name: string;
  /** Null: where the server keeps artifacts. */
  readonly artifactLocation: string | null;
  /** The tag `FOLDER_TAG` among them is the folder. */
  readonly tags: Readonly<Record<string, string>>;
  /** Where its name says when absent. */
  readonly folder?: string;
  readonly actor: string;
}

/** Experiments as records of their own, deleted ones included. Experiment 0 is always there. */
export interface ExperimentService {
  /** Throws `experiment_exists` (a deleted one keeps its name), `record_invalid`, `artifact_location_invalid`, `folder_invalid`. */
  create(input: NewExperiment): Promise<Experiment>;
  /** The one of that name as it is, deleted or not, or a new one. */
  ensure(input: NewExperiment): Promise<Experiment>;
  /** Throws `experiment_not_found`. */
  get(id: number): Promise<Experiment>;
  byName(name: string): Promise<Experiment | undefined>;
  search(request: ExperimentSearch): Promise<Page<Experiment>>;
  /** Root URI of its artifacts for clients. */
  location(experiment: Experiment): string;
  /** One that lies where its name says goes along with it. Throws `experiment_exists`, `experiment_deleted`. */
  rename(id: number, name: string, actor: string): Promise<void>;
  /** Deletes its runs too. Throws `experiment_not_found` for one that is deleted. */
  remove(id: number, actor: string): Promise<void>;
  /** Restores it with the runs that fell with it. Throws `experiment_not_found` for one that is active. */
  restore(id: number, actor: string): Promise<void>;
  /** The tag `FOLDER_TAG` moves it. Throws `folder_invalid` then. */
  setTag(id: number, key: string, value: string, actor: string): Promise<void>;
  /** Throws `experiment_tag_not_found`. */
  deleteTag(id: number, key: string, actor: string): Promise<void>;
}

export function createExperimentService(ports: ExperimentPorts): ExperimentService {
  const { database, clock, artifactRoot } = ports;
  const prepared = prepareDefault(ports);

  async function put(tx: Writers, experiment: Experiment, folder: string, actor: string): Promise<void> {
    if (folder === experiment.folder) return;
    await tx.experiments.update(experiment.id, { folder, updatedAt: clock.now() });
    await tx.events.append([toExperimentEvent(ports, 'experiment.moved', experiment, actor, { folder, from: experiment.folder })]);
  }

  async function make({ actor, folder, ...given }: NewExperiment): Promise<{ readonly made: Experiment; readonly isNew: boolean }> {
    const { [FOLDER_TAG]: tagged, ...tags } = given.tags;
    const place = folder ?? tagged;
    const input = { ...given, tags, ...(place === undefined ? {} : { folder: toFolder(place) }) };
    checkExperimentName(input.name);
    checkExperimentTags(input.tags);
    if (input.artifactLocation !== null) checkLocation(input.artifactLocation);
    await prepared();
    const now = clock.now();
    return database.transaction(async (tx) => {
      const made = await tx.experiments.insert({ ...input, createdAt: now, updatedAt: now });
      if (made !== undefined) {
        await tx.events.append([toExperimentEvent(ports, 'experiment.created', made, actor)]);
        return { made, isNew: true };
      }
      const there = await tx.experiments.byName(input.name);
      if (there === undefined) throw fault('write_conflict', { what: `The list of experiments, while "${input.name}" was made,` });
      return { made: there, isNew: false };
    });
  }

  function change<T>(id: number, work: (tx: Writers, found: Experiment) => Promise<T>): Promise<T> {
    return database.transaction(async (tx) => {
      const found = await tx.experiments.get(id);
      if (found === undefined) throw fault('experiment_not_found', { name: String(id) });
      return work(tx, found);
    });
  }

  async function move(id: number, to: Lifecycle, actor: string): Promise<void> {
    await prepared();
    await change(id, async (tx, found) => {
      if (found.lifecycle === to) throw fault('experiment_not_found', { name: String(id) });
      const at = clock.now();
      await tx.experiments.update(id, { lifecycle: to, updatedAt: at });
      await tx.runs.moveAll(id, to, at);
      await tx.events.append([toExperimentEvent(ports, to === 'deleted' ? 'experiment.deleted' : 'experiment.restored', found, actor)]);
    });
  }

  return {
    async create(input) {
      const { made, isNew } = await make(input);
      if (!isNew) throw fault('experiment_exists', { name: input.name });
      return made;
    },
    ensure: async (input) => (await make(input)).made,
    async get(id) {
      await prepared();
      const found = await database.read.experiments.get(id);
      if (found === undefined) throw fault('experiment_not_found', { name: String(id) });
      return found;
    },
    async byName(name) {
      await prepared();
      return database.read.experiments.byName(name);
    },
    async search(request) {
      await prepared();
      return database.read.experiments.search(request);
    },
    location: ({ id, artifactLocation }) => toExperimentRoot(artifactRoot, id, artifactLocation),
    async rename(id, name, actor) {
      checkExperimentName(name);
      await change(id, async (tx, found) => {
        requireActive(found);
        const folder = found.folder === folderOfName(found.name) ? { folder: folderOfName(name) } : {};
        if (!(await tx.experiments.update(id, { name, ...folder, updatedAt: clock.now() }))) throw fault('experiment_exists', { name });
        await tx.events.append([toExperimentEvent(ports, 'experiment.renamed', { ...found, name }, actor)]);
      });
    },
    remove: (id, actor) => move(id, 'deleted', actor),
    restore: (id, actor) => move(id, 'active', actor),
    async setTag(id, key, value, actor) {
      checkExperimentTags({ [key]: value });
      await prepared();
      await change(id, async (tx, found) => {
        requireActive(found);
        if (key === FOLDER_TAG) return put(tx, found, toFolder(value), actor);
        await tx.experiments.setTags(id, { [key]: value });
      });
    },
    async deleteTag(id, key, actor) {
      await change(id, async (tx, found) => {
        requireActive(found);
        if (key === FOLDER_TAG) return put(tx, found, folderOfName(found.name), actor);
        if (!(await tx.experiments.deleteTag(id, key))) throw fault('experiment_tag_not_found', { experiment: id, key });
      });
    },
  };
}

function requireActive(experiment: Experiment): void {
  if (experiment.lifecycle === 'deleted') throw fault('experiment_deleted', { id: experiment.id });
}

/** Makes experiment 0, once in a process; MLflow's clients take it for granted. */
export function prepareDefault({ database, clock }: Pick<ExperimentPorts, 'database' | 'clock'>): () => Promise<void> {
  let done = false;
  return async () => {
    if (done) return;
    await database.transaction((tx) => tx.experiments.ensure('Default', clock.now()));
    done = true;
  };
}
