import { fault } from '@pawl/core';
import type { LoggedModel, LoggedModelMetric, LoggedModelStatus, LoggedModelStore } from '@pawl/core';
import { toChunks } from './chunks.ts';
import { forBulk } from './context.ts';
import type { Sql } from './context.ts';
import { searchLoggedModels } from './logged-model-search.ts';

interface TextTable {
  readonly model: string;
  readonly key: string;
  readonly value: string;
}

export interface LoggedModelTable {
  readonly id: string;
  readonly experiment: number;
  readonly artifact_root: string | null;
  readonly name: string;
  readonly type: string;
  readonly status: LoggedModelStatus;
  readonly run: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly deleted_at: number | null;
}

interface MetricTable {
  readonly model: string;
  readonly key: string;
  readonly run: string;
  readonly step: number;
  readonly time: number;
  /** 0 where `nan` is 1, as in `run_metric`. */
  readonly value: number;
  readonly nan: number;
  /** Empty, with the digest, where no dataset was told. */
  readonly dataset_name: string;
  readonly dataset_digest: string;
}

export interface LoggedModelTables {
  readonly logged_model: LoggedModelTable;
  readonly logged_model_param: TextTable;
  readonly logged_model_tag: TextTable;
  readonly logged_model_metric: MetricTable;
}

type Texts = Readonly<Record<string, string>>;

export function createLoggedModelStore(sql: Sql): LoggedModelStore {
  const { db } = sql;

  async function putTexts(table: 'logged_model_param' | 'logged_model_tag', model: string, texts: Texts): Promise<void> {
    const rows = Object.entries(texts).map(([key, value]) => ({ model, key, value }));
    for (const chunk of toChunks(rows, 3)) {
      await db
        .insertInto(table)
        .values(chunk)
        .onConflict((conflict) => conflict.columns(['model', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
        .execute();
    }
  }

  return {
    async get(id, which) {
      const query = db.selectFrom('logged_model').selectAll().where('id', '=', id);
      const rows = await (which === undefined ? query.where('deleted_at', 'is', null) : query).execute();
      return (await toLoggedModels(sql, rows))[0];
    },

    async search(request) {
      const page = await searchLoggedModels(forBulk(sql), request);
      return { ...page, items: await toLoggedModels(sql, page.items) };
    },

    async metrics(models) {
      const found: LoggedModelMetric[] = [];
      for (const chunk of toChunks(models, 1)) {
        const rows = await db
          .selectFrom('logged_model_metric')
          .selectAll()
          .where('model', 'in', chunk)
          .orderBy('model')
          .orderBy('key')
          .orderBy('step')
          .orderBy('time')
          .execute();
        found.push(...rows.map(toMetric));
      }
      return found;
    },

    async insert({ params, tags, createdAt, updatedAt, artifactRoot = null, ...model }) {
      await db
        .insertInto('logged_model')
        .values({ ...model, artifact_root: artifactRoot, created_at: createdAt, updated_at: updatedAt, deleted_at: null })
        .execute();
      await putTexts('logged_model_param', model.id, params);
      await putTexts('logged_model_tag', model.id, tags);
    },

    async update({ id, status, updatedAt, params, tags }) {
      await db.updateTable('logged_model').set({ status, updated_at: updatedAt }).where('id', '=', id).execute();
      await db.deleteFrom('logged_model_tag').where('model', '=', id).execute();
      await putTexts('logged_model_tag', id, tags);
      await putTexts('logged_model_param', id, params);
    },

    async remove(id, at) {
      await db.updateTable('logged_model').set({ deleted_at: at }).where('id', '=', id).where('deleted_at', 'is', null).execute();
    },

    async addMetrics(metrics) {
      for (const rows of toChunks(metrics.map(toMetricRow), 9)) {
        await db
          .insertInto('logged_model_metric')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
  };
}

/** Rows with their params and tags, in their order. */
async function toLoggedModels({ db }: Sql, rows: readonly LoggedModelTable[]): Promise<readonly LoggedModel[]> {
  async function textsOf(table: 'logged_model_param' | 'logged_model_tag'): Promise<ReadonlyMap<string, Texts>> {
    const found: TextTable[] = [];
    for (const chunk of toChunks(rows, 1)) {
      const ids = chunk.map(({ id }) => id);
      found.push(...(await db.selectFrom(table).selectAll().where('model', 'in', ids).orderBy('key').execute()));
    }
    return new Map(
      [...Map.groupBy(found, ({ model }) => model)].map(([id, own]) => [id, Object.fromEntries(own.map(({ key, value }) => [key, value]))]),
    );
  }
  const params = await textsOf('logged_model_param');
  const tags = await textsOf('logged_model_tag');
  return rows.map(({ id, experiment, artifact_root, name, type, status, run, created_at, updated_at }) => ({
    id,
    experiment,
    ...(artifact_root === null ? {} : { artifactRoot: artifact_root }),
    name,
    type,
    status,
    run,
    createdAt: created_at,
    updatedAt: updated_at,
    params: params.get(id) ?? {},
    tags: tags.get(id) ?? {},
  }));
}

function toMetricRow({ model, key, run, step, time, value, dataset }: LoggedModelMetric): MetricTable {
  for (const [name, whole] of Object.entries({ step, time })) {
    if (!Number.isSafeInteger(whole)) {
      throw fault('invalid_input', {
        where: `metric "${key}"`,
        problem: `its ${name} ${whole} is not a whole number of at most 2^53 - 1.`,
      });
    }
  }
  const nan = Number.isNaN(value);
  const place = { dataset_name: dataset?.name ?? '', dataset_digest: dataset?.digest ?? '' };
  return { model, key, run, step, time, value: nan ? 0 : value, nan: nan ? 1 : 0, ...place };
}

function toMetric({ model, key, run, step, time, value, nan, dataset_name, dataset_digest }: MetricTable): LoggedModelMetric {
  const dataset = dataset_name === '' && dataset_digest === '' ? null : { name: dataset_name, digest: dataset_digest };
  return { model, key, run, step, time, value: nan === 1 ? Number.NaN : value, dataset };
}
