import type { Dataset, DatasetStatus, DatasetStore, DatasetVersion, Digest, TableSummary, VersionSource } from '@pawl/core';
import { fromCursor, fromJson, toCursor, toJson, toPage, touched } from './context.ts';
import type { Sql } from './context.ts';

interface DatasetTable {
  readonly name: string;
  readonly created_at: number;
}

interface DatasetVersionTable {
  readonly dataset: string;
  readonly version: number;
  readonly manifest: Digest;
  readonly files: number;
  readonly bytes: number;
  readonly tables: string;
  readonly message: string;
  readonly author: string;
  readonly created_at: number;
  readonly parent: number | null;
  readonly status: DatasetStatus;
  readonly task: string | null;
  readonly branch: string;
  readonly merged_from: number | null;
  readonly source: string | null;
  readonly expired_at: number | null;
}

export interface DatasetTables {
  readonly dataset: DatasetTable;
  readonly dataset_version: DatasetVersionTable;
}

export function createDatasetStore({ db }: Sql): DatasetStore {
  const versionsOf = (name: string) => db.selectFrom('dataset_version').selectAll().where('dataset', '=', name);

  return {
    async get(name) {
      const row = await db.selectFrom('dataset').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toDataset(row);
    },

    async list(page) {
      const after = fromCursor(page, ['string']);
      let query = db
        .selectFrom('dataset')
        .selectAll()
        .orderBy('name')
        .limit(page.limit + 1);
      if (after !== undefined) query = query.where('name', '>', after[0]);
      return toPage(await query.execute(), page.limit, toDataset, (row) => toCursor(row.name));
    },

    async version(ref) {
      const row = await versionsOf(ref.dataset).where('version', '=', ref.version).executeTakeFirst();
      return row && toVersion(row);
    },

    async latest(name) {
      const row = await versionsOf(name).orderBy('version', 'desc').limit(1).executeTakeFirst();
      return row && toVersion(row);
    },

    async head(name, branch) {
      const row = await versionsOf(name).where('branch', '=', branch).orderBy('version', 'desc').limit(1).executeTakeFirst();
      return row && toVersion(row);
    },

    async versions(name, page, branch) {
      const after = fromCursor(page, ['number']);
      let query = versionsOf(name)
        .orderBy('version', 'desc')
        .limit(page.limit + 1);
      if (branch !== undefined) query = query.where('branch', '=', branch);
      if (after !== undefined) query = query.where('version', '<', after[0]);
      return toPage(await query.execute(), page.limit, toVersion, (row) => toCursor(row.version));
    },

    async create({ name, createdAt }) {
      await db
        .insertInto('dataset')
        .values({ name, created_at: createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async insertVersion({ tables, createdAt, mergedFrom, expiredAt, source, ...version }) {
      const inserted = await db
        .insertInto('dataset_version')
        .values({
          ...version,
          tables: toJson(tables),
          created_at: createdAt,
          merged_from: mergedFrom,
          expired_at: expiredAt,
          source: source === null ? null : toJson(source),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return touched(inserted);
    },

    async setStatus(ref, status) {
      await db
        .updateTable('dataset_version')
        .set({ status })
        .where('dataset', '=', ref.dataset)
        .where('version', '=', ref.version)
        .execute();
    },

    async expire(ref, at) {
      await db
        .updateTable('dataset_version')
        .set({ expired_at: at })
        .where('dataset', '=', ref.dataset)
        .where('version', '=', ref.version)
        .where('expired_at', 'is', null)
        .execute();
    },
  };
}

function toDataset({ name, created_at }: DatasetTable): Dataset {
  return { name, createdAt: created_at };
}

function toVersion({ tables, created_at, merged_from, expired_at, source, ...row }: DatasetVersionTable): DatasetVersion {
  return {
    ...row,
    tables: fromJson<readonly TableSummary[]>(tables),
    createdAt: created_at,
    mergedFrom: merged_from,
    expiredAt: expired_at,
    source: source === null ? null : fromJson<VersionSource>(source),
  };
}
