import { checkExperimentName, checkExperimentTags, checkLocation, fault, toExperimentRoot } from '@pawl/core';
import type { Clock, Database, EventType, Experiment, ExperimentSearch, Ids, Lifecycle, NewEvent, Page, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';

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
  readonly tags: Readonly<Record<string, string>>;
  readonly actor: string;
}

/** Experiments as records of their own, deleted ones included. Experiment 0 is always there. */
export interface ExperimentService {
  /** Throws `experiment_exists` (a deleted one keeps its name), `record_invalid`, `artifact_location_invalid`. */
  create(input: NewExperiment): Promise<Experiment>;
  /** Throws `experiment_not_found`. */
  get(id: number): Promise<Experiment>;
  byName(name: string): Promise<Experiment | undefined>;
  search(request: ExperimentSearch): Promise<Page<Experiment>>;
  /** Root URI of its artifacts for clients. */
  location(experiment: Experiment): string;
  /** Throws `experiment_exists`, `experiment_deleted`. */
  rename(id: number, name: string, actor: string): Promise<void>;
  /** Deletes its runs too. Throws `experiment_not_found` for one that is deleted. */
  remove(id: number, actor: string): Promise<void>;
  /** Restores it with the runs that fell with it. Throws `experiment_not_found` for one that is active. */
  restore(id: number, actor: string): Promise<void>;
  setTag(id: number, key: string, value: string): Promise<void>;
  /** Throws `experiment_tag_not_found`. */
  deleteTag(id: number, key: string): Promise<void>;
}

export function createExperimentService(ports: ExperimentPorts): ExperimentService {
  const { database, clock, artifactRoot } = ports;
  const prepared = prepareDefault(ports);

  const event = (type: EventType, { id, name }: Experiment, actor: string): NewEvent =>
    toEvent(ports, type, `experiment/${id}`, actor, { experiment: id, name });

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
      await tx.experiments.update(id, { lifecycle: to, updatedAt: clock.now() });
      await tx.runs.moveAll(id, to);
      await tx.events.append([event(to === 'deleted' ? 'experiment.deleted' : 'experiment.restored', found, actor)]);
    });
  }

  return {
    async create({ actor, ...input }) {
      checkExperimentName(input.name);
      checkExperimentTags(input.tags);
      if (input.artifactLocation !== null) checkLocation(input.artifactLocation);
      await prepared();
      const now = clock.now();
      return database.transaction(async (tx) => {
        const made = await tx.experiments.insert({ ...input, createdAt: now, updatedAt: now });
        if (made === undefined) throw fault('experiment_exists', { name: input.name });
        await tx.events.append([event('experiment.created', made, actor)]);
        return made;
      });
    },
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
        if (!(await tx.experiments.update(id, { name, updatedAt: clock.now() }))) throw fault('experiment_exists', { name });
        await tx.events.append([event('experiment.renamed', { ...found, name }, actor)]);
      });
    },
    remove: (id, actor) => move(id, 'deleted', actor),
    restore: (id, actor) => move(id, 'active', actor),
    async setTag(id, key, value) {
      checkExperimentTags({ [key]: value });
      await prepared();
      await change(id, async (tx, found) => {
        requireActive(found);
        await tx.experiments.setTags(id, { [key]: value });
      });
    },
    async deleteTag(id, key) {
      await change(id, async (tx, found) => {
        requireActive(found);
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
