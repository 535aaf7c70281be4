import { fault, toCountWindows, toFeatureVector } from '@pawl/core';
import type {
  Clock,
  ColumnarTable,
  Database,
  DatasetRef,
  FeatureEvent,
  FeatureView,
  Ids,
  OnlineFeatures,
  Tables,
  Writers,
} from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';
import { toEvent } from '../event.ts';

const BATCH = 2000;
const LONGEST_HELD_MS = 1000;

export interface FeaturePorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** One row of a view's source, as a client pushes it: the id and entity columns, and the columns the streams read. */
export type FeatureRow = Readonly<Record<string, string | number | boolean | null>>;

export interface FeatureService extends OnlineFeatures {
  define(tx: Writers, view: FeatureView): Promise<void>;
  view(name: string): Promise<FeatureView>;
  views(): Promise<readonly FeatureView[]>;
  /** Adds rows to the online store; a row seen before (by id and stream) counts once. Returns how many events were new. */
  push(view: string, rows: readonly FeatureRow[]): Promise<number>;
  /** Pushes a whole dataset version. */
  materialize(view: string, ref: DatasetRef): Promise<number>;
  /** Writes a dataset version's table with the view's features appended, point in time, computed from `history`, to a local file. Returns the rows. Throws `dataset_rejected`. */
  join(input: {
    readonly view: string;
    readonly entities: DatasetRef;
    readonly timeColumn: string;
    readonly history: DatasetRef;
    readonly target: string;
  }): Promise<number>;
}

/**
 * The events a row gives rise to: one a stream whose condition holds and whose time is known; a row whose id or key is null gives none, as in the join.
 * Throws `invalid_input`.
 */
export function toFeatureEvents(view: FeatureView, row: FeatureRow): readonly FeatureEvent[] {
  const id = row[view.idColumn];
  const key = row[view.entity];
  if (id === null || key === null) return [];
  if (typeof id !== 'string' || id === '')
    throw fault('invalid_input', {
      where: `row of feature view "${view.name}"`,
      problem: `"${view.idColumn}" must be a non-empty string.`,
    });
  if (typeof key !== 'string')
    throw fault('invalid_input', { where: `row ${id} of feature view "${view.name}"`, problem: `"${view.entity}" must be a string.` });
  const events: FeatureEvent[] = [];
  for (const stream of view.streams) {
    if (stream.where !== null && row[stream.where] !== true) continue;
    const time = row[stream.timeColumn];
    if (time === null || time === undefined) continue;
    if (typeof time !== 'number' || !Number.isSafeInteger(time)) {
      throw fault('invalid_input', {
        where: `row ${id} of feature view "${view.name}"`,
        problem: `"${stream.timeColumn}" must be whole epoch milliseconds.`,
      });
    }
    events.push({ view: view.name, stream: stream.name, key, id, time });
  }
  return events;
}

export function createFeatureService(ports: FeaturePorts): FeatureService {
  const { database, datasets, tables, clock } = ports;

  const view = async (name: string): Promise<FeatureView> => {
    const found = await database.read.features.view(name);
    if (found === undefined) throw fault('view_not_found', { name });
    return found;
  };

  /** Definitions as they were last read. Each definition appends an event, which ends them; the age is for a process that is not told of another's. */
  const known = new Map<string, { readonly view: FeatureView; readonly until: number }>();
  let generation = 0;
  database.onEvents((types) => {
    if (types?.has('feature.view_defined') === false) return;
    generation++;
    known.clear();
  });

  const knownView = async (name: string): Promise<FeatureView> => {
    const held = known.get(name);
    if (held !== undefined && clock.now() < held.until) return held.view;
    const asked = generation;
    const found = await view(name);
    // Replaced while it was read: the next one reads it again.
    if (asked === generation) known.set(name, { view: found, until: clock.now() + LONGEST_HELD_MS });
    return found;
  };

  const pushEvents = async (events: readonly FeatureEvent[]): Promise<number> => {
    let added = 0;
    for (let start = 0; start < events.length; start += BATCH) {
      added += await database.transaction((tx) => tx.features.push(events.slice(start, start + BATCH)));
    }
    return added;
  };

  return {
    view,
    views: () => database.read.features.views(),
    async define(tx, definition) {
      await tx.features.putView(definition);
      await tx.events.append([
        toEvent(ports, 'feature.view_defined', `feature/${definition.name}`, 'system:apply', { view: definition.name }),
      ]);
    },
    async push(name, rows) {
      const definition = await view(name);
      return pushEvents(rows.flatMap((row) => toFeatureEvents(definition, row)));
    },
    async materialize(name, ref) {
      const definition = await view(name);
      const columns = new Set([definition.idColumn, definition.entity]);
      for (const stream of definition.streams) {
        columns.add(stream.timeColumn);
        if (stream.where !== null) columns.add(stream.where);
      }
      const table = await tables.readColumns(await datasets.table(ref), Array.from(columns));
      return pushEvents(toRows(table).flatMap((row) => toFeatureEvents(definition, row)));
    },
    async join({ view: name, entities, timeColumn, history, target }) {
      const definition = await view(name);
      for (const ref of [entities, history]) await datasets.requireAccepted(ref);
      return tables.joinFeatures(await datasets.table(entities), timeColumn, await datasets.table(history), definition, target);
    },
    async lookup(name, keys, at) {
      const definition = await knownView(name);
      const counts = await database.read.features.counts(name, keys, toCountWindows(definition, at));
      return counts.map((one) => toFeatureVector(definition, one));
    },
  };
}

function toRows(table: ColumnarTable): readonly FeatureRow[] {
  const columns = Object.entries(table.columns);
  return Array.from({ length: table.rows }, (_, row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? null])));
}
