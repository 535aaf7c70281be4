import type { FeatureStore, FeatureStream, FeatureView, WindowFeature } from '@pawl/core';
import { sql as raw } from 'kysely';
import { toChunks } from './chunks.ts';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';

interface FeatureViewTable {
  readonly name: string;
  readonly entity: string;
  readonly dataset: string;
  readonly id_column: string;
  readonly streams: string;
  readonly features: string;
}

interface FeatureEventTable {
  readonly view: string;
  readonly stream: string;
  readonly id: string;
  readonly key: string;
  readonly time: number;
}

export interface FeatureTables {
  readonly feature_view: FeatureViewTable;
  readonly feature_event: FeatureEventTable;
}

/** Windows in one query: a subquery with 4 values each. */
const WINDOWS = 100;

/** As if a key were this many parameters: 500 keys in one query, so that no query runs long. */
const KEY_WEIGHT = 60;

export function createFeatureStore({ db }: Sql): FeatureStore {
  return {
    async view(name) {
      const row = await db.selectFrom('feature_view').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toView(row);
    },

    async views() {
      return (await db.selectFrom('feature_view').selectAll().orderBy('name').execute()).map(toView);
    },

    async counts(view, keys, windows) {
      const counts = new Map(keys.map((key): [string, number[]] => [key, []]));
      for (let from = 0; from < windows.length; from += WINDOWS) {
        const columns = windows.slice(from, from + WINDOWS).map(
          ({ stream, from: start, until }, at) => raw`(select count(*) from feature_event where view = ${view} and key = wanted.key
            and stream = ${stream} and time >= ${start} and time < ${until}) as ${raw.id(`c${at}`)}`,
        );
        for (const chunk of toChunks([...counts.keys()], KEY_WEIGHT)) {
          const wanted = raw.join(chunk.map((key) => raw`(${key})`));
          const { rows } = await raw<Readonly<Record<string, number>> & { readonly key: string }>`
            with wanted (key) as (values ${wanted}) select wanted.key, ${raw.join(columns)} from wanted`.execute(db);
          for (const row of rows) counts.get(row.key)?.push(...columns.map((_, at) => row[`c${at}`] as number));
        }
      }
      return keys.map((key) => counts.get(key) ?? []);
    },

    async putView({ name, entity, dataset, idColumn, streams, features }) {
      const declared = { entity, dataset, id_column: idColumn, streams: toJson(streams), features: toJson(features) };
      await db
        .insertInto('feature_view')
        .values({ name, ...declared })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(declared))
        .execute();
    },

    async push(events) {
      let pushed = 0n;
      const rows = events.map(({ view, stream, id, key, time }) => ({ view, stream, id, key, time }));
      for (const chunk of toChunks(rows, 5)) {
        const inserted = await db
          .insertInto('feature_event')
          .values(chunk)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        pushed += inserted.numInsertedOrUpdatedRows ?? 0n;
      }
      return Number(pushed);
    },

    async expire(view, time) {
      // The expression is that of the index `feature_event_age`.
      const deleted = await db
        .deleteFrom('feature_event')
        .where('view', '=', view)
        .where(raw<number>`time + 0`, '<', time)
        .executeTakeFirst();
      return Number(deleted.numDeletedRows);
    },
  };
}

function toView({ name, entity, dataset, id_column, streams, features }: FeatureViewTable): FeatureView {
  return {
    name,
    entity,
    dataset,
    idColumn: id_column,
    streams: fromJson<readonly FeatureStream[]>(streams),
    features: fromJson<readonly WindowFeature[]>(features),
  };
}
