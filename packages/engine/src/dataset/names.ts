import { MAIN_BRANCH, checkLabel, fault, findMergeBase, mergeManifests, toRefText } from '@pawl/core';
import type {
  Ancestry,
  Clock,
  Database,
  DatasetBranch,
  DatasetRef,
  DatasetTag,
  DatasetVersion,
  Ids,
  Preference,
  Readers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import { rowsOf } from '../gc/pages.ts';
import { headOf } from './service.ts';
import type { DatasetService } from './service.ts';

export interface DatasetNamePorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly database: Database;
  readonly datasets: DatasetService;
}

export interface BranchState extends DatasetBranch {
  /** The version that the next one is made upon. */
  readonly head: number;
}

export interface MergeOutcome {
  readonly version: DatasetVersion;
  readonly created: boolean;
  readonly base: number | null;
}

/** The names that versions and lines of versions go by. */
export interface DatasetNameService {
  tags(dataset: string): Promise<readonly DatasetTag[]>;
  /** Names a version; `move` takes the name from the one that has it. Throws `dataset_label_taken`. */
  tag(ref: DatasetRef, name: string, actor: string, move: boolean): Promise<DatasetTag>;
  /** Throws `dataset_label_not_found`. */
  untag(dataset: string, name: string, actor: string): Promise<void>;
  /** With the main one, which every dataset has. */
  branches(dataset: string): Promise<readonly BranchState[]>;
  /** Begins a line of versions at one; nothing is copied. Throws `dataset_label_taken`. */
  branch(from: DatasetRef, name: string, actor: string): Promise<BranchState>;
  /** Forgets the name; the versions stay. Throws `dataset_label_not_found`. */
  removeBranch(dataset: string, name: string, actor: string): Promise<void>;
  /** Brings what changed on one branch into another, as a new version of that one. Throws `dataset_merge_conflict`. */
  merge(
    dataset: string,
    input: { readonly from: string; readonly into: string; readonly prefer: Preference; readonly message: string; readonly actor: string },
  ): Promise<MergeOutcome>;
}

/** So many conflicting paths stand in a message. */
const SHOWN = 10;

export function createDatasetNameService(ports: DatasetNamePorts): DatasetNameService {
  const { database, datasets, clock } = ports;
  const { read } = database;

  const requireFree = async ({ datasetNames }: Pick<Readers, 'datasetNames'>, dataset: string, name: string): Promise<void> => {
    const taken = (problem: string): Error => fault('dataset_label_taken', { name: dataset, label: name, problem });
    if (name === MAIN_BRANCH) throw taken('is the branch that every dataset has');
    if ((await datasetNames.branch(dataset, name)) !== undefined) throw taken('is a branch already');
  };

  const stateOf = async (branch: DatasetBranch): Promise<BranchState> => ({
    ...branch,
    head: (await headOf(read, branch.dataset, branch.name))?.version ?? branch.base,
  });

  const ancestryOf = async (dataset: string): Promise<ReadonlyMap<number, Ancestry>> => {
    const versions = new Map<number, Ancestry>();
    for await (const one of rowsOf((page) => read.datasets.versions(dataset, page))) versions.set(one.version, one);
    return versions;
  };

  const headVersion = async (dataset: string, branch: string): Promise<DatasetVersion> => {
    await datasets.get(dataset);
    const head = await headOf(read, dataset, branch);
    if (head === undefined) throw fault('dataset_label_not_found', { name: dataset, label: branch });
    return head;
  };

  return {
    async tags(dataset) {
      await datasets.get(dataset);
      return read.datasetNames.tags(dataset);
    },
    async tag(ref, name, actor, move) {
      checkLabel('tag', name);
      const { dataset, version } = await datasets.version(ref);
      const tag: DatasetTag = { dataset, name, version, author: actor, createdAt: clock.now() };
      return database.transaction(async (tx) => {
        await requireFree(tx, dataset, name);
        const before = await tx.datasetNames.tag(dataset, name);
        if (before?.version === version) return before;
        if (before !== undefined && !move)
          throw fault('dataset_label_taken', {
            name: dataset,
            label: name,
            problem: `names version ${before.version} already; move it with --force`,
          });
        await tx.datasetNames.putTag(tag);
        const data = { dataset, tag: name, version, before: before?.version ?? null };
        await tx.events.append([toEvent(ports, 'dataset.tagged', `dataset/${dataset}/${version}`, actor, data)]);
        return tag;
      });
    },
    async untag(dataset, name, actor) {
      await datasets.get(dataset);
      await database.transaction(async (tx) => {
        if (!(await tx.datasetNames.removeTag(dataset, name))) throw fault('dataset_label_not_found', { name: dataset, label: name });
        await tx.events.append([toEvent(ports, 'dataset.untagged', `dataset/${dataset}`, actor, { dataset, tag: name })]);
      });
    },
    async branches(dataset) {
      const { createdAt } = await datasets.get(dataset);
      const main = await read.datasets.head(dataset, MAIN_BRANCH);
      const found = [];
      for (const branch of await read.datasetNames.branches(dataset)) found.push(await stateOf(branch));
      const first = main === undefined ? [] : [{ dataset, name: MAIN_BRANCH, base: 1, author: main.author, createdAt, head: main.version }];
      return [...first, ...found];
    },
    async branch(from, name, actor) {
      checkLabel('branch', name);
      const { dataset, version } = await datasets.version(from);
      const branch: DatasetBranch = { dataset, name, base: version, author: actor, createdAt: clock.now() };
      await database.transaction(async (tx) => {
        await requireFree(tx, dataset, name);
        const taken = (problem: string): Error => fault('dataset_label_taken', { name: dataset, label: name, problem });
        if ((await tx.datasetNames.tag(dataset, name)) !== undefined) throw taken('is a tag already');
        if ((await tx.datasets.head(dataset, name)) !== undefined)
          throw taken('was a branch before, whose versions still say so; choose another name');
        await tx.datasetNames.insertBranch(branch);
        await tx.events.append([
          toEvent(ports, 'dataset.branch_created', `dataset/${dataset}/${version}`, actor, { dataset, branch: name, base: version }),
        ]);
      });
      return { ...branch, head: version };
    },
    async removeBranch(dataset, name, actor) {
      await datasets.get(dataset);
      await database.transaction(async (tx) => {
        if (!(await tx.datasetNames.removeBranch(dataset, name))) throw fault('dataset_label_not_found', { name: dataset, label: name });
        await tx.events.append([toEvent(ports, 'dataset.branch_removed', `dataset/${dataset}`, actor, { dataset, branch: name })]);
      });
    },
    async merge(dataset, { from, into, prefer, message, actor }) {
      const [theirs, ours] = [await headVersion(dataset, from), await headVersion(dataset, into)];
      const base = findMergeBase(await ancestryOf(dataset), ours.version, theirs.version);
      if (base === theirs.version) return { version: ours, created: false, base };
      const [was, mine, other] = await Promise.all(
        [base === null ? null : { dataset, version: base }, ours, theirs].map(async (ref) =>
          ref === null ? { entries: [] } : datasets.manifest(ref),
        ),
      );
      const { manifest, conflicts } = mergeManifests(was ?? { entries: [] }, mine ?? { entries: [] }, other ?? { entries: [] }, prefer);
      if (conflicts.length > 0)
        throw fault('dataset_merge_conflict', { name: dataset, branch: from, count: conflicts.length, paths: conflicts.slice(0, SHOWN) });
      const added = await datasets.add({
        dataset,
        manifest,
        message: message === '' ? `Merge ${toRefText(theirs)} of branch "${from}"` : message,
        actor,
        task: null,
        branch: into,
        mergedFrom: theirs.version,
        upon: ours.version,
      });
      return { ...added, base };
    },
  };
}
