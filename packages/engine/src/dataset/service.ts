import { MAIN_BRANCH, checkManifest, entriesUnder, fault, fromRefText, fromSelectorText, patchManifestText, toRefText } from '@pawl/core';
import type {
  Blobs,
  Clock,
  Database,
  Dataset,
  DatasetRef,
  DatasetVersion,
  Digest,
  Folders,
  Ids,
  Manifest,
  ManifestEntry,
  Page,
  PageRequest,
  Readers,
  TableSource,
  Tables,
  VersionSource,
  Writers,
} from '@pawl/core';
import { Conflict, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { describeTables } from './describe.ts';
import { putManifest, putManifestText, readForeignManifest, readManifest, readManifestText, requireContent } from './manifest-blob.ts';
import { storeFolder } from './store-folder.ts';
import { groupTables, isTablePath, toTableSource } from './table.ts';

export interface DatasetPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly folders: Folders;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface NewVersion {
  readonly dataset: string;
  /** The files, the digest of a manifest that is stored already in its canonical form, or what differs from a version. */
  readonly manifest: Manifest | Digest | ManifestChanges;
  readonly message: string;
  readonly actor: string;
  /** The task whose output it is. */
  readonly task: string | null;
  /** The main one when none is named; any other must have been begun. */
  readonly branch?: string;
  readonly source?: VersionSource;
  /** The version whose branch a merge brings in. */
  readonly mergedFrom?: number;
  /** Only upon this version: when another was added to the branch meanwhile it is refused (`write_conflict`). */
  readonly upon?: number;
}

/** A manifest by what it does not have in common with a version's. */
export interface ManifestChanges {
  readonly base: number;
  readonly put: readonly ManifestEntry[];
  readonly remove: readonly string[];
  /** Of the whole; another one means that the base is not what the client takes it for. */
  readonly digest?: Digest;
}

export interface AddedVersion {
  readonly version: DatasetVersion;
  /** False when the branch's newest version holds the same files: that one is given back. */
  readonly created: boolean;
}

/** A version described and stored but not yet named: everything slow is done, `commit` only writes rows. */
export interface PreparedVersion {
  readonly manifest: Digest;
  /** Adds the version, or returns the branch's newest when it holds the same files. Must run inside a transaction; throws Conflict when a number was taken meanwhile. */
  commit(tx: Writers): Promise<AddedVersion>;
}

export interface DatasetService {
  /** Adds a version whose blobs are already stored. Throws `blob_not_found`, `path_unsafe`, `table_unreadable`, `dataset_label_not_found`. */
  add(input: NewVersion): Promise<AddedVersion>;
  prepare(input: NewVersion): Promise<PreparedVersion>;
  /** Stores all files under a local path as blobs. Large ones that the newest version of `dataset` has in an older form take only the room of what is new in them. */
  store(path: string, dataset?: string): Promise<Manifest>;
  get(name: string): Promise<Dataset>;
  list(page: PageRequest): Promise<Page<Dataset>>;
  /** Newest first; of one branch when it is named. */
  versions(name: string, page: PageRequest, branch?: string): Promise<Page<DatasetVersion>>;
  /** `name:version`, `name:tag`, `name:branch`, or `name` for the newest. Throws `dataset_not_found`, `dataset_version_not_found`, `dataset_label_not_found`. */
  resolve(text: string): Promise<DatasetVersion>;
  version(ref: DatasetRef): Promise<DatasetVersion>;
  /** Throws `dataset_expired`. */
  manifest(ref: DatasetRef): Promise<Manifest>;
  /** The files at a path of a version and below it. Throws `dataset_file_not_found`. */
  files(ref: DatasetRef, under: string): Promise<readonly ManifestEntry[]>;
  /** One file of a version. Throws `dataset_file_not_found`. */
  file(ref: DatasetRef, path: string): Promise<ManifestEntry>;
  /** The files of a version's table as local paths; the only table, or the one in `folder`. */
  table(ref: DatasetRef, folder?: string): Promise<TableSource>;
  /** Throws `dataset_rejected` when a blocking check failed on it. */
  requireAccepted(ref: DatasetRef): Promise<void>;
}

/** Beyond so many changes it is as fast to read the whole manifest. */
const MOST_PATCHED = 1000;

/** The version that the next one of a branch is made upon; undefined when the dataset has none. Throws `dataset_label_not_found`. */
export async function headOf(
  { datasets, datasetNames }: Pick<Readers, 'datasets' | 'datasetNames'>,
  dataset: string,
  name: string,
): Promise<DatasetVersion | undefined> {
  if (name === MAIN_BRANCH) return datasets.head(dataset, MAIN_BRANCH);
  const branch = await datasetNames.branch(dataset, name);
  if (branch === undefined) throw fault('dataset_label_not_found', { name: dataset, label: name });
  return (await datasets.head(dataset, name)) ?? datasets.version({ dataset, version: branch.base });
}

export function createDatasetService(ports: DatasetPorts): DatasetService {
  const { database, blobs, folders, tables, clock } = ports;

  const prepare = async (input: NewVersion): Promise<PreparedVersion> => {
    fromRefText(input.dataset);
    const branch = input.branch ?? MAIN_BRANCH;
    const head = await headOf(database.read, input.dataset, branch);
    const content = await contentOf(input, head?.expiredAt === null ? head : undefined);
    return {
      manifest: content.manifest,
      async commit(tx) {
        const parent = await headOf(tx, input.dataset, branch);
        if (input.upon !== undefined && parent?.version !== input.upon)
          throw fault('write_conflict', { what: `Branch "${branch}" of dataset "${input.dataset}"` });
        if (parent?.manifest === content.manifest && input.mergedFrom === undefined) return { version: parent, created: false };
        const now = clock.now();
        const latest = await tx.datasets.latest(input.dataset);
        const events = [];
        if (latest === undefined) {
          await tx.datasets.create({ name: input.dataset, createdAt: now });
          events.push(toEvent(ports, 'dataset.created', `dataset/${input.dataset}`, input.actor, { dataset: input.dataset }));
        }
        const version: DatasetVersion = {
          dataset: input.dataset,
          version: (latest?.version ?? 0) + 1,
          ...content,
          message: input.message,
          author: input.actor,
          createdAt: now,
          parent: parent?.version ?? null,
          branch,
          mergedFrom: input.mergedFrom ?? null,
          source: input.source ?? null,
          status: 'unchecked',
          task: input.task,
          expiredAt: null,
        };
        if (!(await tx.datasets.insertVersion(version))) throw new Conflict();
        events.push(
          toEvent(ports, 'dataset.version_created', `dataset/${version.dataset}/${version.version}`, input.actor, {
            dataset: version.dataset,
            version: version.version,
            branch,
            manifest: version.manifest,
            files: version.files,
            bytes: version.bytes,
            rows: version.tables.reduce((sum, table) => sum + table.rows, 0),
          }),
        );
        await tx.events.append(events);
        return { version, created: true };
      },
    };
  };

  /** What a version says of its files; those of the head are known without reading them. */
  const contentOf = async (
    input: NewVersion,
    head: DatasetVersion | undefined,
  ): Promise<Pick<DatasetVersion, 'manifest' | 'files' | 'bytes' | 'tables'>> => {
    if (head !== undefined && input.manifest === head.manifest)
      return { manifest: head.manifest, files: head.files, bytes: head.bytes, tables: head.tables };
    const patched = await patch(input);
    if (patched !== undefined) return patched;
    const manifest = await take(input.dataset, input.manifest);
    if (manifest.entries.length === 0) throw fault('dataset_empty', { path: input.dataset });
    const before = head && { manifest: await readManifest(blobs, head.manifest), tables: head.tables };
    await requireContent(blobs, manifest, before?.manifest);
    const digest = await putManifest(blobs, manifest);
    requireDigest(input, digest);
    const summaries = await describeTables({ blobs, tables }, input.dataset, manifest, before);
    return {
      manifest: digest,
      files: manifest.entries.length,
      bytes: manifest.entries.reduce((sum, entry) => sum + entry.size, 0),
      tables: summaries,
    };
  };

  const requireDigest = ({ manifest }: NewVersion, found: Digest): void => {
    const expected = typeof manifest === 'object' && 'base' in manifest ? manifest.digest : undefined;
    if (expected !== undefined && expected !== found) throw fault('digest_mismatch', { expected, found });
  };

  /** A few changes to a version of very many files, none of them a table: what is told of the rest is not found out again. Undefined for anything else. */
  const patch = async ({
    dataset,
    ...input
  }: NewVersion): Promise<Pick<DatasetVersion, 'manifest' | 'files' | 'bytes' | 'tables'> | undefined> => {
    if (typeof input.manifest === 'string' || 'entries' in input.manifest) return undefined;
    const { put, remove } = input.manifest;
    const paths = [...remove, ...put.map(({ path }) => path)];
    if (paths.length > MOST_PATCHED || paths.some(isTablePath)) return undefined;
    const base = await version({ dataset, version: input.manifest.base });
    if (base.expiredAt !== null) throw fault('dataset_expired', { name: dataset, version: base.version });
    const patched = patchManifestText(await readManifestText(blobs, base.manifest), { put, remove });
    if (patched === undefined) return undefined;
    await requireContent(blobs, { entries: put });
    const manifest = await putManifestText(blobs, patched.text);
    requireDigest({ dataset, ...input }, manifest);
    return { manifest, files: base.files + patched.files, bytes: base.bytes + patched.bytes, tables: base.tables };
  };

  const take = async (dataset: string, manifest: NewVersion['manifest']): Promise<Manifest> => {
    if (typeof manifest === 'string') return readForeignManifest(blobs, manifest);
    if ('entries' in manifest) return checkManifest(manifest);
    const { entries } = await manifestOf({ dataset, version: manifest.base });
    const changed = new Set([...manifest.remove, ...manifest.put.map(({ path }) => path)]);
    return checkManifest({ entries: [...entries.filter(({ path }) => !changed.has(path)), ...manifest.put] });
  };

  const version = async (ref: DatasetRef): Promise<DatasetVersion> => {
    const found = await database.read.datasets.version(ref);
    if (found !== undefined) return found;
    if ((await database.read.datasets.get(ref.dataset)) === undefined) throw fault('dataset_not_found', { name: ref.dataset });
    throw fault('dataset_version_not_found', { name: ref.dataset, version: ref.version });
  };

  const manifestOf = async (ref: DatasetRef): Promise<Manifest> => {
    const found = await version(ref);
    if (found.expiredAt !== null) throw fault('dataset_expired', { name: ref.dataset, version: ref.version });
    return readManifest(blobs, found.manifest);
  };

  const filesOf = async (ref: DatasetRef, under: string): Promise<readonly ManifestEntry[]> => {
    const entries = entriesUnder(await manifestOf(ref), under);
    if (entries.length === 0) throw fault('dataset_file_not_found', { ref: toRefText(ref), path: under });
    return entries;
  };

  return {
    prepare,
    version,
    async add(input) {
      const prepared = await prepare(input);
      return retryOnConflict(`Dataset "${input.dataset}"`, () => database.transaction((tx) => prepared.commit(tx)));
    },
    store: (path, dataset) =>
      storeFolder({ blobs, folders }, path, async () => {
        const head = dataset === undefined ? undefined : await database.read.datasets.head(dataset, MAIN_BRANCH);
        return head?.expiredAt === null ? readManifest(blobs, head.manifest) : undefined;
      }),
    async get(name) {
      const dataset = await database.read.datasets.get(name);
      if (dataset === undefined) throw fault('dataset_not_found', { name });
      return dataset;
    },
    list: (page) => database.read.datasets.list(page),
    versions: (name, page, branch) => database.read.datasets.versions(name, page, branch),
    async resolve(text) {
      const { dataset, version: number, label } = fromSelectorText(text);
      if (number !== undefined) return version({ dataset, version: number });
      const tag = label === undefined ? undefined : await database.read.datasetNames.tag(dataset, label);
      if (tag !== undefined) return version({ dataset, version: tag.version });
      if ((await database.read.datasets.get(dataset)) === undefined) throw fault('dataset_not_found', { name: dataset });
      const head = await headOf(database.read, dataset, label ?? MAIN_BRANCH);
      if (head === undefined) throw fault('dataset_not_found', { name: dataset });
      return head;
    },
    manifest: manifestOf,
    files: filesOf,
    async file(ref, path) {
      const [entry] = await filesOf(ref, path);
      if (entry?.path !== path) throw fault('dataset_file_not_found', { ref: toRefText(ref), path });
      return entry;
    },
    async table(ref, folder) {
      const groups = groupTables(await manifestOf(ref)).filter((group) => folder === undefined || group.folder === folder);
      const [group] = groups;
      if (group === undefined)
        throw fault('table_unreadable', {
          file: toRefText(ref),
          reason: folder === undefined ? 'it holds no Parquet, CSV or JSON file' : `it has no table in folder "${folder}"`,
        });
      if (groups.length > 1)
        throw fault('table_unreadable', {
          file: toRefText(ref),
          reason: `it holds several tables (${groups.map((one) => one.label).join(', ')}); name one by its folder`,
        });
      return toTableSource(blobs, group, `${toRefText(ref)}/${group.label}`);
    },
    async requireAccepted(ref) {
      const found = await version(ref);
      if (found.status !== 'rejected') return;
      const failed = (await database.read.checks.results(ref)).findLast((result) => result.verdict !== 'passed');
      throw fault('dataset_rejected', { name: ref.dataset, version: ref.version, suite: failed?.suite ?? 'unknown' });
    },
  };
}
