/** What a home holds when no server runs on it. */
import { join } from 'node:path';
import { createFsBlobs, openSqlite } from '@pawl/drivers';
import type { Blobs, Database, Event, JsonValue, StoredLabel, StoredPrediction } from '@pawl/core';

export interface JoinedLabel {
  readonly label: StoredLabel;
  readonly prediction: StoredPrediction;
}

export interface Holdings {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly events: readonly Event[];
  readonly predictions: readonly StoredPrediction[];
  /** Every join and change of a label. */
  readonly joins: readonly JoinedLabel[];
}

const ALL = 1_000_000;

/** Opens the home of the demo's server and reads what only grows. The caller closes the database. */
export async function openHome(home: string): Promise<Holdings> {
  const server = join(home, 'server');
  const database = await openSqlite({ path: join(server, 'pawl.db') });
  return {
    database,
    blobs: createFsBlobs({ root: join(server, 'blobs') }),
    events: await database.read.events.after(0, ALL),
    predictions: await database.read.predictions.after(0, ALL),
    joins: await database.read.predictions.labelsAfter(0, ALL),
  };
}

export const eventsOf = ({ events }: Holdings, type: Event['type']): readonly Event[] => events.filter((event) => event.type === type);

/** How many there are of each key. */
export function countBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

/** A name or number of an event's data as text; empty when it is neither. */
export const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' || typeof value === 'number' ? `${value}` : '');
