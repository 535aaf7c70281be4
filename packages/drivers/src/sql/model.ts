import type { Digest, ModelAlias, ModelStage, ModelStore, ModelVersion } from '@pawl/core';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';

interface ModelTable {
  readonly name: string;
  readonly created_at: number;
}

interface ModelVersionTable {
  readonly model: string;
  readonly version: number;
  readonly package: string;
  readonly run: string | null;
  readonly task: string | null;
  readonly inputs: string;
  readonly evaluation_dataset: string | null;
  readonly evaluation_version: number | null;
  readonly stage: ModelStage;
  readonly description: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly key: string;
  readonly revision: number;
}

export interface ModelTables {
  readonly model: ModelTable;
  readonly model_version: ModelVersionTable;
  readonly model_alias: ModelAlias;
}

export function createModelStore({ db }: Sql): ModelStore {
  return {
    async get(name) {
      const row = await db.selectFrom('model').selectAll().where('name', '=', name).executeTakeFirst();
      return row && { name: row.name, createdAt: row.created_at };
    },
    async list(page) {
      const after = fromCursor(page, ['string']);
      let query = db.selectFrom('model').selectAll();
      if (after !== undefined) query = query.where('name', '>', after[0]);
      const rows = await query
        .orderBy('name')
        .limit(page.limit + 1)
        .execute();
      return toPage(
        rows,
        page.limit,
        (row) => ({ name: row.name, createdAt: row.created_at }),
        (row) => toCursor(row.name),
      );
    },
    async version(model, version) {
      const row = await db
        .selectFrom('model_version')
        .selectAll()
        .where('model', '=', model)
        .where('version', '=', version)
        .executeTakeFirst();
      return row && toVersion(row);
    },
    async byKey(model, key) {
      const row = await db.selectFrom('model_version').selectAll().where('model', '=', model).where('key', '=', key).executeTakeFirst();
      return row && toVersion(row);
    },
    async versions(model, stage, page) {
      const after = fromCursor(page, ['number']);
      let query = db.selectFrom('model_version').selectAll().where('model', '=', model);
      if (stage !== undefined) query = query.where('stage', '=', stage);
      if (after !== undefined) query = query.where('version', '<', after[0]);
      const rows = await query
        .orderBy('version', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toVersion, (row) => toCursor(row.version));
    },
    async aliases(model) {
      const rows = await db.selectFrom('model_alias').selectAll().where('model', '=', model).orderBy('alias').execute();
      return rows.map((row) => ({ ...row }));
    },
    async create(model) {
      await db
        .insertInto('model')
        .values({ name: model.name, created_at: model.createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async insertVersion(version) {
      const row = { ...fromVersion(version), revision: version.revision };
      return inserted(
        await db
          .insertInto('model_version')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async updateVersion(version, expectedRevision) {
      return updated(
        await db
          .updateTable('model_version')
          .set({ ...fromVersion(version), revision: expectedRevision + 1 })
          .where('model', '=', version.model)
          .where('version', '=', version.version)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
    async setAlias({ model, alias, version }) {
      await db
        .insertInto('model_alias')
        .values({ model, alias, version })
        .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet({ version }))
        .execute();
    },
  };
}

function fromVersion(version: ModelVersion): Omit<ModelVersionTable, 'revision'> {
  return {
    model: version.model,
    version: version.version,
    package: version.package,
    run: version.run,
    task: version.task,
    inputs: toJson(version.inputs),
    evaluation_dataset: version.evaluation?.dataset ?? null,
    evaluation_version: version.evaluation?.version ?? null,
    stage: version.stage,
    description: version.description,
    created_at: version.createdAt,
    created_by: version.createdBy,
    key: version.key,
  };
}

function toVersion(row: ModelVersionTable): ModelVersion {
  const { evaluation_dataset: dataset, evaluation_version: evaluated } = row;
  return {
    model: row.model,
    version: row.version,
    package: row.package as Digest,
    run: row.run,
    task: row.task,
    inputs: fromJson(row.inputs),
    evaluation: dataset === null || evaluated === null ? null : { dataset, version: evaluated },
    stage: row.stage,
    description: row.description,
    createdAt: row.created_at,
    createdBy: row.created_by,
    key: row.key,
    revision: row.revision,
  };
}
