import type { ImportKind, ImportReader, ImportStore, RunPoint } from '@pawl/core';
import { folderOfName, isForeignId } from '@pawl/core';
import { sql } from 'kysely';
import { insertRows } from './batch.ts';
import { touched } from './context.ts';
import type { Sql } from './context.ts';
import { putModelTags } from './model-tags.ts';
import { recordRun } from './run-record.ts';
import { fromHead, nextNumber as nextRunNumber } from './run-row.ts';
import { toTextList } from './search/ids.ts';

export interface ImportTables {
  readonly experiment_foreign: { readonly id: string; readonly experiment: number };
  readonly import_pending: { readonly kind: ImportKind; readonly id: string };
}

interface PointRow {
  readonly run: string;
  readonly key: string;
  readonly step: number;
  readonly time: number;
  readonly value: number;
  readonly nan: number;
}

export function createImportStore(context: Sql): ImportStore {
  const { db, engine } = context;

  const reader: ImportReader = {
    async experimentOf(foreign) {
      const row = await db.selectFrom('experiment_foreign').select('experiment').where('id', '=', foreign).executeTakeFirst();
      return row?.experiment;
    },
    async foreignIds() {
      const rows = await db.selectFrom('experiment_foreign').selectAll().execute();
      return new Map(rows.map(({ id, experiment }) => [experiment, id]));
    },
    async known(kind, ids) {
      const { rows } = await sql<{ id: string; pending: number }>`
        select t.id, case when p.id is null then 0 else 1 end as pending
        from ${sql.table(kind === 'run' ? 'run' : 'logged_model')} as t
        left join import_pending as p on p.kind = ${kind} and p.id = t.id
        where t.id in ${toTextList(engine, ids)}`.execute(db);
      return new Map(rows.map(({ id, pending }) => [id, { pending: pending === 1 }]));
    },
    async points(runs, limit, after) {
      const beyond = after === undefined ? sql`` : sql`and (run, key, step, time, value, nan) > ${toPlace(after)}`;
      const { rows } = await sql<PointRow>`
        select run, key, step, time, value, nan from run_metric where run in ${toTextList(engine, runs)} ${beyond}
        order by run, key, step, time, value, nan limit ${limit}`.execute(db);
      return rows.map(({ run, key, step, time, value, nan }) => ({ run, key, point: [step, time, nan === 1 ? Number.NaN : value] }));
    },
    async deletedAt(run) {
      const row = await db.selectFrom('run').select('deleted_at').where('id', '=', run).executeTakeFirst();
      return row?.deleted_at ?? null;
    },
    async isUsed(experiment) {
      const run = await db.selectFrom('run').select('id').where('experiment', '=', experiment).limit(1).executeTakeFirst();
      return run !== undefined;
    },
  };

  async function putTags(number: number, tags: Readonly<Record<string, string>>): Promise<void> {
    await db.deleteFrom('experiment_tag').where('experiment', '=', number).execute();
    const rows = Object.entries(tags).map(([key, value]) => [number, key, value]);
    await insertRows(context, 'experiment_tag', ['experiment', 'key', 'value'], rows, '');
  }

  /** Also after those that are gone: numbers are not given again. */
  async function nextNumber(): Promise<number> {
    const { rows } = await sql<{ last: number | null }>`
      select max(id) as last from (select id from experiment union all select id from experiment_removed) as numbers`.execute(db);
    return (rows[0]?.last ?? 0) + 1;
  }

  async function isTaken(name: string, number: number): Promise<boolean> {
    const other = await db.selectFrom('experiment').select('id').where('name', '=', name).where('id', '!=', number).executeTakeFirst();
    return other !== undefined;
  }

  return {
    ...reader,

    async insertExperiment({ id, name, artifactLocation, lifecycle, createdAt, updatedAt, tags }, given) {
      const number = given ?? (await nextNumber());
      const inserted = await db
        .insertInto('experiment')
        .values({
          id: number,
          name,
          folder: folderOfName(name),
          artifact_location: artifactLocation,
          lifecycle,
          created_at: createdAt,
          updated_at: updatedAt,
          fell: 0,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      if (!touched(inserted)) return undefined;
      await putTags(number, tags);
      if (isForeignId(id)) await db.insertInto('experiment_foreign').values({ id, experiment: number }).execute();
      return number;
    },

    async putExperiment(number, { name, artifactLocation, lifecycle, createdAt, updatedAt, tags }, before) {
      if (name !== before.name && (await isTaken(name, number))) return false;
      await db
        .updateTable('experiment')
        .set({ name, artifact_location: artifactLocation, lifecycle, created_at: createdAt, updated_at: updatedAt })
        .where('id', '=', number)
        .execute();
      await putTags(number, tags);
      return true;
    },

    async putRun({ params, tags, inputs, datasets, modelInputs, modelOutputs, deletedAt, ...run }, fell) {
      const row = { ...fromHead(run), fell: fell ? 1 : 0, deleted_at: deletedAt };
      const { number } = await db
        .insertInto('run')
        .values({ ...row, ...nextRunNumber(engine) })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .returning('number')
        .executeTakeFirstOrThrow();
      for (const table of ['run_tag', 'run_param'] as const) await db.deleteFrom(table).where('run', '=', number).execute();
      for (const table of ['run_input', 'run_dataset', 'run_model'] as const)
        await db.deleteFrom(table).where('run', '=', run.id).execute();
      await recordRun(
        context,
        { id: run.id, number, experiment: run.experiment },
        { params, tags, inputs, datasets, modelInputs, modelOutputs },
      );
    },

    async putLoggedModel({ params, tags, createdAt, updatedAt, deletedAt, ...model }) {
      const row = { ...model, created_at: createdAt, updated_at: updatedAt, deleted_at: deletedAt };
      await db
        .insertInto('logged_model')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
      await db.deleteFrom('logged_model_tag').where('model', '=', model.id).execute();
      const toRows = (texts: Readonly<Record<string, string>>) => Object.entries(texts).map(([key, value]) => [model.id, key, value]);
      await insertRows(context, 'logged_model_tag', ['model', 'key', 'value'], toRows(tags), '');
      await insertRows(context, 'logged_model_param', ['model', 'key', 'value'], toRows(params), 'on conflict do nothing');
    },

    async putModel({ name, description, lastVersion, createdAt, createdBy, updatedAt, tags }) {
      await db
        .updateTable('model')
        .set({ description, last_version: lastVersion, created_at: createdAt, created_by: createdBy, updated_at: updatedAt })
        .where('name', '=', name)
        .execute();
      await putModelTags(context, name, tags);
    },

    async mark(kind, ids, pending) {
      if (ids.length === 0) return;
      if (pending) {
        const rows = ids.map((id) => [kind, id]);
        await insertRows(context, 'import_pending', ['kind', 'id'], rows, 'on conflict do nothing');
      } else {
        await sql`delete from import_pending where kind = ${kind} and id in ${toTextList(engine, ids)}`.execute(db);
      }
    },
  };
}

function toPlace({ run, key, point: [step, time, value] }: RunPoint) {
  const nan = Number.isNaN(value);
  return sql`(${run}, ${key}, ${step}, ${time}, ${nan ? 0 : value}, ${nan ? 1 : 0})`;
}
