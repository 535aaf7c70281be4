import { fault, movedFolder, subFolders, toFolder } from '@pawl/core';
import type { Database, Experiment, ExperimentChange, ExperimentList, Lifecycle, Page, Readers, SubFolder, Writers } from '@pawl/core';
import { toExperimentEvent } from './event.ts';
import type { ExperimentEventPorts } from './event.ts';
import { findExperiment } from './find.ts';
import { prepareDefault } from './experiments.ts';

export interface FolderPorts extends ExperimentEventPorts {
  readonly database: Database;
}

/** What happened, or with `dryRun` would happen, to the experiments of a folder. */
export interface FolderChange {
  readonly experiments: readonly Experiment[];
}

export interface FolderOptions {
  readonly actor: string;
  /** Tells what would happen, and changes nothing. */
  readonly dryRun?: boolean;
}

/** The tree that experiments lie in. A folder is there as long as something is in it. All throw `folder_invalid`. */
export interface FolderService {
  list(request: ExperimentList): Promise<Page<Experiment>>;
  /** The folders directly below one, by name. */
  folders(parent: string, lifecycle: Lifecycle): Promise<readonly SubFolder[]>;
  /**
   * Numbers of the experiments named and of those in the folder or below; of all when neither is told, deleted ones only where those are asked for.
   * Throws `experiment_not_found`.
   */
  scope(which: {
    readonly experiments?: readonly string[];
    readonly folder?: string;
    readonly deleted: boolean;
  }): Promise<readonly number[]>;
  /** Throws `experiment_not_found`, `experiment_deleted`. */
  place(id: number, folder: string, actor: string): Promise<Experiment>;
  /** The folder becomes `to`, with all that is below it, deleted experiments too. Throws `folder_not_found`. */
  move(folder: string, to: string, options: FolderOptions): Promise<FolderChange>;
  /** Deletes every experiment in it and below, with their runs. Throws `folder_not_found`. */
  remove(folder: string, options: FolderOptions): Promise<FolderChange>;
  /** Restores what fell with it. Throws `folder_not_found`. */
  restore(folder: string, options: FolderOptions): Promise<FolderChange>;
}

const PAGE = 1000;

export function createFolderService(ports: FolderPorts): FolderService {
  const { database, clock } = ports;
  const { read } = database;
  const prepared = prepareDefault(ports);

  /** Does `work` to each experiment that lies in the folder or below, all in one transaction. */
  async function each(
    text: string,
    which: readonly Omit<ExperimentList, 'folder' | 'deep' | 'limit' | 'after'>[],
    { dryRun = false }: FolderOptions,
    work: (tx: Writers, experiment: Experiment) => Promise<Experiment>,
  ): Promise<FolderChange> {
    const folder = toFolder(text);
    if (folder === '') throw fault('folder_invalid', { folder: '/', problem: 'the root is not changed as a whole; name a folder in it.' });
    const run = async (tx: Writers): Promise<FolderChange> => {
      const experiments: Experiment[] = [];
      for (const one of which) experiments.push(...(await all(tx, { ...one, folder, deep: true })));
      if (experiments.length === 0) throw fault('folder_not_found', { folder });
      const changed: Experiment[] = [];
      for (const experiment of experiments) changed.push(await work(tx, experiment));
      if (dryRun) throw new Rehearsed({ experiments: changed });
      return { experiments: changed };
    };
    try {
      return await database.transaction(run);
    } catch (error) {
      if (error instanceof Rehearsed) return error.change;
      throw error;
    }
  }

  async function write(tx: Writers, experiment: Experiment, change: Omit<ExperimentChange, 'updatedAt'>): Promise<Experiment> {
    const updatedAt = clock.now();
    await tx.experiments.update(experiment.id, { ...change, updatedAt });
    const { fell: _, ...changed } = change;
    return { ...experiment, ...changed, updatedAt };
  }

  async function put(tx: Writers, experiment: Experiment, folder: string, actor: string): Promise<Experiment> {
    if (experiment.folder === folder) return experiment;
    const moved = await write(tx, experiment, { folder });
    await tx.events.append([toExperimentEvent(ports, 'experiment.moved', moved, actor, { folder, from: experiment.folder })]);
    return moved;
  }

  async function turn(tx: Writers, experiment: Experiment, lifecycle: Lifecycle, actor: string): Promise<Experiment> {
    const turned = await write(tx, experiment, { lifecycle, fell: lifecycle === 'deleted' });
    await tx.runs.moveAll(experiment.id, lifecycle, clock.now());
    await tx.events.append([
      toExperimentEvent(ports, lifecycle === 'deleted' ? 'experiment.deleted' : 'experiment.restored', turned, actor, {
        folder: experiment.folder,
      }),
    ]);
    return turned;
  }

  return {
    async list(request) {
      await prepared();
      return read.experiments.list(request.folder === undefined ? request : { ...request, folder: toFolder(request.folder) });
    },
    async folders(parent, lifecycle) {
      return subFolders(await read.experiments.folders(lifecycle), toFolder(parent));
    },
    async scope({ experiments = [], folder, deleted }) {
      await prepared();
      const found = new Set<number>();
      for (const which of experiments) found.add((await findExperiment(read, which)).id);
      if (folder === undefined && experiments.length > 0) return [...found];
      const below = { folder: toFolder(folder ?? ''), deep: true };
      for (const lifecycle of deleted ? (['active', 'deleted'] as const) : (['active'] as const)) {
        for (const { id } of await all({ experiments: read.experiments }, { ...below, lifecycle })) found.add(id);
      }
      return [...found];
    },
    async place(id, text, actor) {
      const folder = toFolder(text);
      return database.transaction(async (tx) => {
        const experiment = await tx.experiments.get(id);
        if (experiment === undefined) throw fault('experiment_not_found', { name: String(id) });
        if (experiment.lifecycle === 'deleted') throw fault('experiment_deleted', { id });
        return put(tx, experiment, folder, actor);
      });
    },
    move(text, target, options) {
      const [from, to] = [toFolder(text), toFolder(target)];
      // Once before anything is read: what cannot be is refused whatever lies there.
      movedFolder(from, from, to);
      return each(from, [{ lifecycle: 'active' }, { lifecycle: 'deleted' }], options, (tx, one) =>
        put(tx, one, toFolder(movedFolder(one.folder, from, to)), options.actor),
      );
    },
    remove: (folder, options) => each(folder, [{ lifecycle: 'active' }], options, (tx, one) => turn(tx, one, 'deleted', options.actor)),
    restore: (folder, options) =>
      each(folder, [{ lifecycle: 'deleted', fell: true }], options, (tx, one) => turn(tx, one, 'active', options.actor)),
  };
}

/** Takes a rehearsal's transaction back. */
class Rehearsed extends Error {
  readonly change: FolderChange;

  constructor(change: FolderChange) {
    super('rehearsed');
    this.change = change;
  }
}

async function all(
  { experiments }: Pick<Readers, 'experiments'>,
  request: Omit<ExperimentList, 'limit' | 'after'>,
): Promise<readonly Experiment[]> {
  const found: Experiment[] = [];
  let after: string | undefined;
  do {
    const page = await experiments.list({ ...request, limit: PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}
