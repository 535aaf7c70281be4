import type { Label, StoredLabel } from '@pawl/core';
import type { Generated, Selectable } from 'kysely';
import { toChunks } from './chunks.ts';
import type { Sql } from './context.ts';
import type { Schema } from './schema.ts';

interface LabelTable {
  readonly prediction: string;
  readonly row_index: number;
  readonly endpoint: string;
  readonly value: number;
  readonly time: number;
  readonly joined: number;
}

interface LabelChangeTable {
  readonly seq: Generated<number>;
  readonly prediction: string;
  readonly row_index: number;
  readonly value: number;
  readonly time: number;
  readonly replaced: number | null;
}

export interface LabelTables {
  readonly label: LabelTable;
  readonly label_change: LabelChangeTable;
}

/** Which row of which prediction. */
interface Place {
  readonly id: string;
  readonly row_index: number;
  readonly endpoint: string;
}

/** A change with the row of the prediction that it speaks of. */
interface ChangeRow {
  readonly label: StoredLabel;
  readonly row: Selectable<Schema['prediction']>;
}

/** The part of the prediction store that keeps labels. `put` and `join` need the store's lock. */
export interface Labels {
  after(seq: number, limit: number): Promise<readonly ChangeRow[]>;
  get(prediction: string, row: number): Promise<StoredLabel | undefined>;
  count(endpoint: string): Promise<{ readonly labelled: number; readonly waiting: number }>;
  /** Joins the labels that waited for these predictions. */
  join(places: readonly Place[]): Promise<void>;
  put(labels: readonly Label[]): Promise<void>;
}

const placeKey = (prediction: string, row: number): string => `${row} ${prediction}`;

export function createLabels({ db }: Sql): Labels {
  async function write(rows: readonly LabelTable[], changes: readonly Omit<LabelChangeTable, 'seq'>[]): Promise<void> {
    for (const chunk of toChunks(rows, 6)) {
      await db
        .insertInto('label')
        .values(chunk)
        .onConflict((conflict) =>
          conflict.columns(['prediction', 'row_index']).doUpdateSet(({ ref }) => ({
            endpoint: ref('excluded.endpoint'),
            value: ref('excluded.value'),
            time: ref('excluded.time'),
            joined: ref('excluded.joined'),
          })),
        )
        .execute();
    }
    for (const chunk of toChunks(changes, 5)) await db.insertInto('label_change').values(chunk).execute();
  }

  /** What is stored for these predictions, by place: their labels, and the endpoints that answered. */
  async function known(predictions: readonly string[]) {
    const stored = new Map<string, LabelTable>();
    const endpoints = new Map<string, string>();
    for (const ids of toChunks(predictions, 1)) {
      const rows = await db.selectFrom('label').selectAll().where('prediction', 'in', ids).execute();
      for (const row of rows) stored.set(placeKey(row.prediction, row.row_index), row);
      const places = await db.selectFrom('prediction').select(['id', 'row_index', 'endpoint']).where('id', 'in', ids).execute();
      for (const place of places) endpoints.set(placeKey(place.id, place.row_index), place.endpoint);
    }
    return { stored, endpoints };
  }

  return {
    async after(seq, limit) {
      const rows = await db
        .selectFrom('label_change as change')
        .innerJoin('prediction', (join) =>
          join.onRef('prediction.id', '=', 'change.prediction').onRef('prediction.row_index', '=', 'change.row_index'),
        )
        .selectAll('prediction')
        .select([
          'change.seq as label_seq',
          'change.value as label_value',
          'change.time as label_time',
          'change.replaced as label_replaced',
        ])
        .where('change.seq', '>', seq)
        .orderBy('change.seq')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        row,
        label: {
          endpoint: row.endpoint,
          prediction: row.id,
          row: row.row_index,
          value: row.label_value === 1,
          time: row.label_time,
          seq: row.label_seq,
          replaced: toFlag(row.label_replaced),
          joined: true,
        },
      }));
    },

    async get(prediction, row) {
      const found = await db
        .selectFrom('label')
        .leftJoin('label_change as change', (join) =>
          join.onRef('change.prediction', '=', 'label.prediction').onRef('change.row_index', '=', 'label.row_index'),
        )
        .selectAll('label')
        .select(['change.seq', 'change.replaced'])
        .where('label.prediction', '=', prediction)
        .where('label.row_index', '=', row)
        .orderBy('change.seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (found === undefined) return undefined;
      return {
        endpoint: found.endpoint,
        prediction,
        row,
        value: found.value === 1,
        time: found.time,
        seq: found.seq ?? 0,
        replaced: toFlag(found.replaced),
        joined: found.joined === 1,
      };
    },

    async count(endpoint) {
      const rows = await db
        .selectFrom('label')
        .select(({ fn }) => ['joined', fn.countAll<number>().as('count')])
        .where('endpoint', '=', endpoint)
        .groupBy('joined')
        .execute();
      const of = (joined: number): number => rows.find((row) => row.joined === joined)?.count ?? 0;
      return { labelled: of(1), waiting: of(0) };
    },

    async join(places) {
      if (places.length === 0) return;
      const endpoints = new Map(places.map((place) => [placeKey(place.id, place.row_index), place.endpoint]));
      const ids = [...new Set(places.map((place) => place.id))];
      const waiting = await db
        .selectFrom('label')
        .selectAll()
        .where('joined', '=', 0)
        .where('prediction', 'in', ids)
        .orderBy('time')
        .orderBy('prediction')
        .orderBy('row_index')
        .execute();
      const joined = waiting.flatMap((label) => {
        const endpoint = endpoints.get(placeKey(label.prediction, label.row_index));
        return endpoint === undefined ? [] : [{ ...label, endpoint, joined: 1 }];
      });
      await write(
        joined,
        joined.map((label) => toChange(label, null)),
      );
    },

    async put(labels) {
      const newest = newestOfEach(labels);
      const { stored, endpoints } = await known([...new Set(labels.map((label) => label.prediction))]);
      const rows: LabelTable[] = [];
      const changes: Omit<LabelChangeTable, 'seq'>[] = [];
      for (const [key, label] of newest) {
        const before = stored.get(key);
        if (before !== undefined && label.time <= before.time) continue;
        const endpoint = endpoints.get(key);
        const row: LabelTable = {
          prediction: label.prediction,
          row_index: label.row,
          endpoint: endpoint ?? label.endpoint,
          value: label.value ? 1 : 0,
          time: label.time,
          joined: endpoint === undefined ? 0 : 1,
        };
        rows.push(row);
        // The same value said again later moves the label's time only: nothing that was counted changes.
        if (row.joined === 1 && before?.value !== row.value) changes.push(toChange(row, before?.value ?? null));
      }
      await write(rows, changes);
    },
  };
}

/** One label a place: of several in one call the newest, of equally old ones the first, as if they had come one by one. */
function newestOfEach(labels: readonly Label[]): ReadonlyMap<string, Label> {
  const newest = new Map<string, Label>();
  for (const label of labels) {
    const key = placeKey(label.prediction, label.row);
    const before = newest.get(key);
    if (before === undefined || label.time > before.time) newest.set(key, label);
  }
  return newest;
}

function toChange(label: LabelTable, replaced: number | null): Omit<LabelChangeTable, 'seq'> {
  return { prediction: label.prediction, row_index: label.row_index, value: label.value, time: label.time, replaced };
}

function toFlag(value: number | null): boolean | null {
  return value === null ? null : value === 1;
}
