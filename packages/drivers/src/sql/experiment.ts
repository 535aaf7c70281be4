import { FOLDER_TAG, fault, folderOfName } from '@pawl/core';
import type { Experiment, ExperimentSearch, ExperimentStore, Lifecycle, Page } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { forBulk, fromCursor, fromJson, toCursor, toPage, touched } from './context.ts';
import type { Sql } from './context.ts';
import { toCondition } from './search/compile.ts';
import type { Place } from './search/compile.ts';
import { fromToken, positionOf, toAfter, toOrderBy, toOrderColumns, toToken } from './search/order.ts';
import type { OrderTerm } from './search/order.ts';

interface ExperimentTable {
  readonly id: number;
  readonly name: string;
  readonly folder: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly artifact_location: string | null;
  readonly lifecycle: Lifecycle;
  readonly fell: number;
}

export interface ExperimentTables {
  readonly experiment: ExperimentTable;
  readonly experiment_tag: { readonly experiment: number; readonly key: string; readonly value: string };
}

type WithTags = ExperimentTable & { readonly tags: string | null };

/** Names under which MLflow's clients look for experiment 0. */
const DEFAULT = 'Default';

export function createExperimentStore(context: Sql): ExperimentStore {
  const { db, engine } = context;
  const bulk = forBulk(context).db;

  /** Its tags as JSON: one read instead of two. */
  const tags = sql<string | null>`(
    select ${engine === 'sqlite' ? sql`json_group_object(key, value)` : sql`cast(json_object_agg(key, value order by key) as text)`}
    from experiment_tag as t where t.experiment = experiment.id)`.as('tags');
  const whole = db.selectFrom('experiment').selectAll().select(tags);

  async function byName(name: string): Promise<Experiment | undefined> {
    const rows = await whole.where('name', '=', name).execute();
    return rows.map(toExperiment)[0];
  }

  async function insert(experiment: Parameters<ExperimentStore['insert']>[0]): Promise<Experiment | undefined> {
    const { name, folder = folderOfName(name), createdAt, updatedAt, artifactLocation, tags } = experiment;
    // Also those that are gone: a number stands in clients' scripts and in the paths of artifacts.
    const last = await Promise.all(
      (['experiment', 'experiment_removed'] as const).map((table) =>
        db
          .selectFrom(table)
          .select((eb) => eb.fn.max('id').as('id'))
          .executeTakeFirst(),
      ),
    );
    const id = name === DEFAULT ? 0 : Math.max(0, ...last.map((row) => row?.id ?? 0)) + 1;
    const inserted = await db
      .insertInto('experiment')
      .values({
        id,
        name,
        folder,
        created_at: createdAt,
        updated_at: updatedAt,
        artifact_location: artifactLocation,
        lifecycle: 'active',
        fell: 0,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if (!touched(inserted)) return undefined;
    await setTags(id, tags);
    return { ...experiment, folder, id, lifecycle: 'active' };
  }

  async function setTags(id: number, tags: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(tags)) {
      await db
        .insertInto('experiment_tag')
        .values({ experiment: id, key, value })
        .onConflict((conflict) => conflict.columns(['experiment', 'key']).doUpdateSet({ value }))
        .execute();
    }
  }

  return {
    byName,
    insert,
    setTags,

    async get(id) {
      const rows = await whole.where('id', '=', id).execute();
      return rows.map(toExperiment)[0];
    },

    async list(page) {
      const { folder, deep = false, lifecycle = 'active', fell } = page;
      const after = fromCursor(page, ['number']);
      let query = whole
        .where('lifecycle', '=', lifecycle)
        .orderBy('id')
        .limit(page.limit + 1);
      if (after !== undefined) query = query.where('id', '>', after[0]);
      if (fell === true) query = query.where('fell', '=', 1);
      if (folder !== undefined && !(deep && folder === '')) {
        query = query.where((eb) =>
          eb.or([eb('folder', '=', folder), ...(deep ? [eb.and([eb('folder', '>', `${folder}/`), eb('folder', '<', `${folder}0`)])] : [])]),
        );
      }
      return toPage(await query.execute(), page.limit, toExperiment, (row) => toCursor(row.id));
    },

    async folders(lifecycle) {
      const rows = await db
        .selectFrom('experiment')
        .select((eb) => ['folder', eb.fn.countAll<number>().as('experiments')])
        .where('lifecycle', '=', lifecycle)
        .groupBy('folder')
        .orderBy('folder')
        .execute();
      return rows.map(({ folder, experiments }) => ({ folder, experiments: Number(experiments) }));
    },

    async search(request): Promise<Page<Experiment>> {
      const { filter, orders, lifecycle, limit } = request;
      // A page in the order of its index is short; a filter may look at every row.
      const handle = filter === undefined && orders.length === 0 ? db : bulk;
      const terms = toTerms(request);
      const query = { filter, orders, lifecycle };
      const position = fromToken(query, terms, request.after);
      const conditions: RawBuilder<SqlBool>[] = [sql`1 = 1`];
      if (lifecycle !== undefined) conditions.push(sql`lifecycle = ${lifecycle}`);
      if (filter !== undefined) conditions.push(toCondition(engine, filter, toPlace));
      if (position !== undefined) conditions.push(toAfter(engine, terms, position));
      const { rows } = await sql<WithTags & Record<string, unknown>>`
        select experiment.*, ${tags}, ${toOrderColumns(terms)} from experiment where ${sql.join(conditions, sql` and `)}
        order by ${toOrderBy(terms)} limit ${limit + 1}`.execute(handle);
      return toPage(rows, limit, toExperiment, (row) => toToken(query, terms, positionOf(row, terms)));
    },

    async ensure(name, createdAt) {
      const found = await byName(name);
      if (found !== undefined) return found;
      const inserted = await insert({ name, createdAt, updatedAt: createdAt, artifactLocation: null, tags: {} });
      const first = inserted ?? (await byName(name));
      if (first === undefined) throw fault('write_conflict', { what: `The list of experiments, while "${name}" was made,` });
      return first;
    },

    async update(id, { name, folder, lifecycle, fell, updatedAt }) {
      if (name !== undefined) {
        const other = await db.selectFrom('experiment').select('id').where('name', '=', name).where('id', '!=', id).executeTakeFirst();
        if (other !== undefined) return false;
      }
      await db
        .updateTable('experiment')
        .set({
          updated_at: updatedAt,
          ...(name === undefined ? {} : { name }),
          ...(folder === undefined ? {} : { folder }),
          ...(lifecycle === undefined ? {} : { lifecycle, fell: fell === true ? 1 : 0 }),
        })
        .where('id', '=', id)
        .execute();
      return true;
    },

    async deleteTag(id, key) {
      const deleted = await db.deleteFrom('experiment_tag').where('experiment', '=', id).where('key', '=', key).executeTakeFirst();
      return deleted.numDeletedRows > 0n;
    },
  };
}

function toExperiment({ id, name, folder, created_at, updated_at, artifact_location, lifecycle, tags }: WithTags): Experiment {
  return {
    id,
    name,
    folder,
    createdAt: created_at,
    updatedAt: updated_at,
    artifactLocation: artifact_location,
    lifecycle,
    tags: fromJson<Readonly<Record<string, string>>>(tags ?? '{}'),
  };
}

const columns: Readonly<Record<string, { readonly column: string; readonly kind: OrderTerm['kind'] }>> = {
  name: { column: 'experiment.name', kind: 'text' },
  creation_time: { column: 'experiment.created_at', kind: 'number' },
  last_update_time: { column: 'experiment.updated_at', kind: 'number' },
  experiment_id: { column: 'experiment.id', kind: 'number' },
};

function toPlace(entity: string, key: string): Place {
  if (entity === 'tag' && key === FOLDER_TAG) return { value: sql`nullif(experiment.folder, '')`, nullable: true };
  if (entity === 'tag') {
    return { value: sql.ref('t.value'), from: sql`experiment_tag as t where t.experiment = experiment.id and t.key = ${key}` };
  }
  return { value: sql.ref(columns[key]?.column ?? key) };
}

function toTerms({ orders }: ExperimentSearch): readonly OrderTerm[] {
  const terms = new Map<string, OrderTerm>();
  for (const { key, descending } of [...orders, { key: 'creation_time', descending: true }, { key: 'experiment_id', descending: false }]) {
    const column = columns[key];
    if (column !== undefined && !terms.has(key)) terms.set(key, { value: sql.ref(column.column), kind: column.kind, descending });
  }
  return [...terms.values()];
}
