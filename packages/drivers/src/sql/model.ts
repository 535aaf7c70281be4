import type { ModelAlias, ModelStore, SearchRequest } from '@pawl/core';
import { sql } from 'kysely';
import { toChunks } from './chunks.ts';
import { forBulk, fromCursor, toCursor, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { fromModel, fromVersion, toModel, toVersion } from './model-record.ts';
import type { ModelTable, ModelVersionTable } from './model-record.ts';
import { searchModels, searchVersions } from './model-search.ts';
import { modelTags, putModelTags, putVersionTags, versionTags } from './model-tags.ts';
import { inserted, updated } from './outcome.ts';

export interface ModelTables {
  readonly model: ModelTable;
  readonly model_version: ModelVersionTable;
  readonly model_alias: ModelAlias;
  readonly model_tag: { readonly model: string; readonly key: string; readonly value: string };
  readonly model_version_tag: { readonly model: string; readonly version: number; readonly key: string; readonly value: string };
}

export function createModelStore(context: Sql): ModelStore {
  const { db } = context;
  const models = (from = context) => from.db.selectFrom('model').selectAll().select(modelTags(from).as('tags'));
  const versions = (from = context) => from.db.selectFrom('model_version').selectAll().select(versionTags(from).as('tags'));
  // A page of models in the order of their names is short; anything else may look at every row.
  const handleOf = ({ filter, orders }: SearchRequest): Sql => (filter === undefined && orders.length === 0 ? context : forBulk(context));

  return {
    async get(name) {
      const row = await models().where('name', '=', name).executeTakeFirst();
      return row && toModel(row);
    },
    async list(page) {
      const after = fromCursor(page, ['string']);
      let query = models();
      if (after !== undefined) query = query.where('name', '>', after[0]);
      const rows = await query
        .orderBy('name')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toModel, (row) => toCursor(row.name));
    },
    async version(model, version) {
      const row = await versions().where('model', '=', model).where('version', '=', version).executeTakeFirst();
      return row && toVersion(row);
    },
    async byKey(model, key) {
      const row = await versions().where('model', '=', model).where('key', '=', key).executeTakeFirst();
      return row && toVersion(row);
    },
    async versions(model, stage, page) {
      const after = fromCursor(page, ['number']);
      let query = versions().where('model', '=', model);
      if (stage !== undefined) query = query.where('stage', '=', stage);
      if (after !== undefined) query = query.where('version', '<', after[0]);
      const rows = await query
        .orderBy('version', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toVersion, (row) => toCursor(row.version));
    },
    async latest(names) {
      const found = [];
      for (const chunk of toChunks(names, 1)) {
        if (chunk.length === 0) continue;
        // The highest of a stage is the last entry of its part of the index (model, stage, version).
        const rows = await versions()
          .where('model', 'in', chunk)
          .where(
            sql<boolean>`version = (select max(v.version) from model_version v where v.model = model_version.model and v.stage = model_version.stage)`,
          )
          .orderBy('model')
          .orderBy('version')
          .execute();
        found.push(...rows.map(toVersion));
      }
      return found;
    },
    search: (request) => searchModels(context, models(handleOf(request)), request),
    searchVersions: (request) => searchVersions(context, versions(forBulk(context)), request),
    async aliases(...names) {
      const found: ModelAlias[] = [];
      for (const chunk of toChunks(names, 1)) {
        if (chunk.length === 0) continue;
        const rows = await db.selectFrom('model_alias').selectAll().where('model', 'in', chunk).orderBy('model').orderBy('alias').execute();
        for (const { model, alias, version } of rows) found.push({ model, alias, version });
      }
      return found;
    },
    async create(model) {
      const done = inserted(
        await db
          .insertInto('model')
          .values(fromModel(model))
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
      if (done) await putModelTags(context, model.name, model.tags);
      return done;
    },
    async update(model) {
      const { name, description, last_version, updated_at } = fromModel(model);
      await db.updateTable('model').set({ description, last_version, updated_at }).where('name', '=', name).execute();
      await putModelTags(context, name, model.tags);
    },
    async rename(name, to, at) {
      const taken = await db.selectFrom('model').select('name').where('name', '=', to).executeTakeFirst();
      if (taken !== undefined) return false;
      await db.updateTable('model').set({ name: to, updated_at: at }).where('name', '=', name).execute();
      await db.updateTable('model_version').set({ updated_at: at }).where('model', '=', to).execute();
      return true;
    },
    async remove(name) {
      await db.deleteFrom('model').where('name', '=', name).execute();
    },
    async insertVersion(version) {
      const done = inserted(
        await db
          .insertInto('model_version')
          .values({ ...fromVersion(version), revision: version.revision })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
      if (done) await putVersionTags(context, version.model, version.version, version.tags);
      return done;
    },
    async updateVersion(version, expectedRevision) {
      const done = updated(
        await db
          .updateTable('model_version')
          .set({ ...fromVersion(version), revision: expectedRevision + 1 })
          .where('model', '=', version.model)
          .where('version', '=', version.version)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
      if (done) await putVersionTags(context, version.model, version.version, version.tags);
      return done;
    },
    async removeVersion(model, version) {
      await db.deleteFrom('model_version').where('model', '=', model).where('version', '=', version).execute();
    },
    async setAlias({ model, alias, version }) {
      await db
        .insertInto('model_alias')
        .values({ model, alias, version })
        .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet({ version }))
        .execute();
    },
    async removeAlias(model, alias) {
      const [result] = await db.deleteFrom('model_alias').where('model', '=', model).where('alias', '=', alias).execute();
      return (result?.numDeletedRows ?? 0n) > 0n;
    },
  };
}
