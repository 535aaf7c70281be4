import { RUN_NAME_TAG, fault, toExperimentRoot } from '@pawl/core';
import type { Experiment, EventType, JsonObject, Lifecycle, RunPlace, RunSearch, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';
import { toTags } from './batch.ts';
import type { ExperimentPorts } from './experiments.ts';

/** Runs by id, all changed in one transaction; or all that a search finds, some at a time, so that others may write in between. */
export type RunSelection = { readonly runs: readonly string[] } | { readonly search: RunFilter };

export type RunFilter = Pick<RunSearch, 'experiments' | 'filter' | 'lifecycle'>;

export interface BulkOptions {
  readonly actor: string;
  /** Tells what would happen, and changes nothing. */
  readonly dryRun?: boolean;
}

export interface BulkAnswer {
  /** Ids of the runs that were changed; those that were so already are left out. */
  readonly changed: readonly string[];
}

/** What is done to many runs at once. What a search finds is changed part by part, each whole: after a failure the same call goes on. */
export interface BulkService {
  /** With the runs nested in them unless `children` is false. Throws `run_not_found`, `run_deleted`, `experiment_not_found`, `experiment_deleted`. */
  move(selection: RunSelection, to: number, options: BulkOptions & { readonly children?: boolean }): Promise<BulkAnswer>;
  remove(selection: RunSelection, options: BulkOptions): Promise<BulkAnswer>;
  restore(selection: RunSelection, options: BulkOptions): Promise<BulkAnswer>;
  /** Throws `record_invalid`, `run_deleted`. */
  tag(
    selection: RunSelection,
    tags: { readonly set: Readonly<Record<string, string>>; readonly remove: readonly string[] },
    options: BulkOptions,
  ): Promise<BulkAnswer>;
}

/** Runs of one transaction of a search: short enough that nobody waits long behind it. */
const PART = 200;

type Work = (tx: Writers, places: readonly RunPlace[]) => Promise<readonly string[]>;

export function createBulkService(ports: ExperimentPorts): BulkService {
  const { database, clock, artifactRoot } = ports;

  async function each(selection: RunSelection, options: BulkOptions, work: Work): Promise<BulkAnswer> {
    if ('runs' in selection) return { changed: await part(selection.runs, options, work) };
    const changed = new Set<string>();
    let after: string | undefined;
    do {
      const request = { ...selection.search, orders: [], limit: PART, columns: { params: [], tags: [], metrics: [], links: false } };
      const page = await database.read.runs.search(after === undefined ? request : { ...request, after });
      // What another has moved or deleted since it was found is left alone.
      const ids = page.items.map(({ run }) => run.id);
      for (const id of await part(ids, options, work, 'as found')) changed.add(id);
      after = page.next;
    } while (after !== undefined);
    return { changed: [...changed] };
  }

  async function part(ids: readonly string[], { dryRun = false }: BulkOptions, work: Work, found?: 'as found'): Promise<readonly string[]> {
    try {
      return await database.transaction(async (tx) => {
        const places = await tx.runMoves.places(ids);
        const there = new Set(places.map(({ id }) => id));
        const missing = ids.find((id) => !there.has(id));
        if (missing !== undefined && found === undefined) throw fault('run_not_found', { id: missing });
        const changed = await work(tx, places);
        if (dryRun) throw new Rehearsed(changed);
        return changed;
      });
    } catch (error) {
      if (error instanceof Rehearsed) return error.changed;
      throw error;
    }
  }

  const tell = (tx: Writers, type: EventType, run: string, actor: string, data: JsonObject = {}): Promise<void> =>
    tx.events.append([toEvent(ports, type, `run/${run}`, actor, { run, ...data })]);

  async function turn(selection: RunSelection, lifecycle: Lifecycle, options: BulkOptions): Promise<BulkAnswer> {
    return each(selection, options, async (tx, places) => {
      const turned = places.filter((place) => place.lifecycle !== lifecycle);
      for (const { id } of turned) {
        await tx.runs.move(id, lifecycle, clock.now());
        await tell(tx, lifecycle === 'deleted' ? 'run.deleted' : 'run.restored', id, options.actor);
      }
      return turned.map(({ id }) => id);
    });
  }

  return {
    move: (selection, to, { children = true, ...options }) =>
      each(selection, options, async (tx, places) => {
        requireActive(places);
        const target = await requireExperiment(tx, to);
        const all = children ? await tx.runMoves.family(places.map(({ id }) => id)) : places;
        const moving = all.filter(({ experiment }) => experiment !== to);
        for (const [from, runs] of Map.groupBy(moving, ({ experiment }) => experiment)) {
          const source = await tx.experiments.get(from);
          const root = toExperimentRoot(artifactRoot, from, source?.artifactLocation ?? null);
          await tx.runMoves.move(
            runs.map(({ id }) => id),
            { experiment: from, root },
            to,
          );
          for (const { id } of runs) {
            await tell(tx, 'run.moved', id, options.actor, { from: source?.name ?? String(from), to: target.name });
          }
        }
        return moving.map(({ id }) => id);
      }),
    remove: (selection, options) => turn(selection, 'deleted', options),
    restore: (selection, options) => turn(selection, 'active', options),
    async tag(selection, { set, remove }, options) {
      const tags = toTags(
        Object.entries(set).map(([key, value]) => ({ key, value })),
        () => 'key',
      );
      const { [RUN_NAME_TAG]: name } = tags;
      return each(selection, options, async (tx, places) => {
        requireActive(places);
        for (const { id } of places) {
          if (name !== undefined && name !== '') await tx.runs.update(id, { name });
          await tx.runs.record(id, { tags });
          for (const key of remove) await tx.runs.deleteTag(id, key);
        }
        return places.map(({ id }) => id);
      });
    },
  };
}

/** Takes a rehearsal's transaction back. */
class Rehearsed extends Error {
  readonly changed: readonly string[];

  constructor(changed: readonly string[]) {
    super('rehearsed');
    this.changed = changed;
  }
}

function requireActive(places: readonly RunPlace[]): void {
  const deleted = places.find(({ lifecycle }) => lifecycle === 'deleted');
  if (deleted !== undefined) throw fault('run_deleted', { id: deleted.id });
}

async function requireExperiment(tx: Writers, id: number): Promise<Experiment> {
  const found = await tx.experiments.get(id);
  if (found === undefined) throw fault('experiment_not_found', { name: String(id) });
  if (found.lifecycle === 'deleted') throw fault('experiment_deleted', { id });
  return found;
}
