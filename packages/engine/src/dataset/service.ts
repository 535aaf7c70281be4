import { fault, fromRefText, toRefText } from '@pawl/core';
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
  NewEvent,
  Page,
  PageRequest,
  TableSource,
  TableSummary,
  Tables,
  Writers,
} from '@pawl/core';
import { Conflict, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { putManifest, readManifest, requireContent } from './manifest-blob.ts';
import { checkManifest } from './manifest.ts';
import { groupTables, toTableSource } from './table.ts';

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
  readonly manifest: Manifest;
  readonly message: string;
  readonly actor: string;
  /** The task whose output it is. */
  readonly task: string | null;
}

/** A version described and stored but not yet named: everything slow is done, `commit` only writes rows. */
export interface PreparedVersion {
  readonly manifest: Digest;
  /** Adds the version, or returns the dataset's latest when it holds the same files. Must run inside a transaction; throws Conflict when a number was taken meanwhile. */
  commit(tx: Writers): Promise<{ readonly version: DatasetVersion; readonly created: boolean }>;
}

export interface DatasetService {
  /** Adds a version whose blobs are already stored. The same files as the latest version give that version back (`created: false`). Throws `blob_not_found`, `path_unsafe`, `table_unreadable`. */
  add(input: NewVersion): Promise<{ readonly version: DatasetVersion; readonly created: boolean }>;
  prepare(input: NewVersion): Promise<PreparedVersion>;
  /** Stores all files under a local path as blobs. */
  store(path: string): Promise<Manifest>;
  get(name: string): Promise<Dataset>;
  list(page: PageRequest): Promise<Page<Dataset>>;
  versions(name: string, page: PageRequest): Promise<Page<DatasetVersion>>;
  /** `name:version`, or `name` for the latest. Throws `dataset_not_found`, `dataset_version_not_found`. */
  resolve(text: string): Promise<DatasetVersion>;
  version(ref: DatasetRef): Promise<DatasetVersion>;
  manifest(ref: DatasetRef): Promise<Manifest>;
  /** The files of a version's table as local paths; the only table, or the one in `folder`. */
  table(ref: DatasetRef, folder?: string): Promise<TableSource>;
  /** Throws `dataset_rejected` when a blocking check failed on it. */
  requireAccepted(ref: DatasetRef): Promise<void>;
}

export function createDatasetService(ports: DatasetPorts): DatasetService {
  const { database, blobs, folders, tables, clock } = ports;

  const describe = async (dataset: string, manifest: Manifest): Promise<readonly TableSummary[]> => {
    const summaries: TableSummary[] = [];
    for (const group of groupTables(manifest)) {
      const source = await toTableSource(blobs, group, `${dataset}/${group.label}`);
      const { rows, columns } = await tables.describe(source);
      summaries.push({ folder: group.folder, format: group.format, files: group.entries.length, rows, columns });
    }
    return summaries;
  };

  const prepare = async (input: NewVersion): Promise<PreparedVersion> => {
    fromRefText(input.dataset);
    const manifest = checkManifest(input.manifest);
    if (manifest.entries.length === 0) throw fault('dataset_empty', { path: input.dataset });
    await requireContent(blobs, manifest);
    const digest = await putManifest(blobs, manifest);
    const latest = await database.read.datasets.latest(input.dataset);
    const summaries = latest?.manifest === digest ? latest.tables : await describe(input.dataset, manifest);
    return {
      manifest: digest,
      async commit(tx) {
        const parent = await tx.datasets.latest(input.dataset);
        if (parent?.manifest === digest) return { version: parent, created: false };
        const now = clock.now();
        const events: NewEvent[] = [];
        if (parent === undefined) {
          await tx.datasets.create({ name: input.dataset, createdAt: now });
          events.push(toEvent(ports, 'dataset.created', `dataset/${input.dataset}`, input.actor, { dataset: input.dataset }));
        }
        const version: DatasetVersion = {
          dataset: input.dataset,
          version: (parent?.version ?? 0) + 1,
          manifest: digest,
          files: manifest.entries.length,
          bytes: manifest.entries.reduce((sum, entry) => sum + entry.size, 0),
          tables: summaries,
          message: input.message,
          author: input.actor,
          createdAt: now,
          parent: parent?.version ?? null,
          status: 'unchecked',
          task: input.task,
        };
        if (!(await tx.datasets.insertVersion(version))) throw new Conflict();
        events.push(
          toEvent(ports, 'dataset.version_created', `dataset/${version.dataset}/${version.version}`, input.actor, {
            dataset: version.dataset,
            version: version.version,
            manifest: digest,
            files: version.files,
            bytes: version.bytes,
            rows: summaries.reduce((sum, table) => sum + table.rows, 0),
          }),
        );
        await tx.events.append(events);
        return { version, created: true };
      },
    };
  };

  const version = async (ref: DatasetRef): Promise<DatasetVersion> => {
    const found = await database.read.datasets.version(ref);
    if (found !== undefined) return found;
    if ((await database.read.datasets.get(ref.dataset)) === undefined) throw fault('dataset_not_found', { name: ref.dataset });
    throw fault('dataset_version_not_found', { name: ref.dataset, version: ref.version });
  };

  return {
    prepare,
    version,
    async add(input) {
      const prepared = await prepare(input);
      return retryOnConflict(`Dataset "${input.dataset}"`, () => database.transaction((tx) => prepared.commit(tx)));
    },
    async store(path) {
      const entries = [];
      for (const file of await folders.scan(path)) {
        const { digest, size } = await blobs.putFile(file.absolute);
        entries.push({ path: file.path, digest, size, mode: file.mode });
      }
      if (entries.length === 0) throw fault('dataset_empty', { path });
      return { entries };
    },
    async get(name) {
      const dataset = await database.read.datasets.get(name);
      if (dataset === undefined) throw fault('dataset_not_found', { name });
      return dataset;
    },
    list: (page) => database.read.datasets.list(page),
    versions: (name, page) => database.read.datasets.versions(name, page),
    async resolve(text) {
      const { dataset, version: number } = fromRefText(text);
      if (number !== undefined) return version({ dataset, version: number });
      const latest = await database.read.datasets.latest(dataset);
      if (latest === undefined) throw fault('dataset_not_found', { name: dataset });
      return latest;
    },
    manifest: async (ref) => readManifest(blobs, (await version(ref)).manifest),
    async table(ref, folder) {
      const found = await version(ref);
      const groups = groupTables(await readManifest(blobs, found.manifest)).filter(
        (group) => folder === undefined || group.folder === folder,
      );
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
