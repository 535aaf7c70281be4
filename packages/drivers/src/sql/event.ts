import type { Event, EventFilter, EventStore, EventType, JsonObject, NewEvent } from '@pawl/core';
import { sql as raw } from 'kysely';
import type { Generated, Selectable, SelectQueryBuilder } from 'kysely';
import { insertRows } from './batch.ts';
import { fromCursor, fromJson, toCursor, toJson, toPage, touched } from './context.ts';
import type { Sql } from './context.ts';
import type { Schema } from './schema.ts';
import { toUnheard } from './unheard.ts';

interface EventTable {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly type: EventType;
  readonly subject: string;
  readonly time: number;
  readonly actor: string;
  readonly data: string;
}

export interface EventTables {
  readonly event: EventTable;
  readonly event_cursor: { readonly reactor: string; readonly seq: number };
}

/** Key of the advisory lock under which events get their number, so that numbers grow in the order of commits. */
const APPEND_LOCK = 7_295_502;

/** PostgreSQL tells the listeners of this channel after each commit that appended, of which types. */
export const EVENT_CHANNEL = 'pawl_event';

function fromTypes(events: readonly NewEvent[]): string {
  return [...new Set(events.map(({ type }) => type))].join(' ');
}

/** What a message of the channel tells; undefined where it tells nothing, as those of earlier servers. */
export function toTypes(message: string): ReadonlySet<EventType> | undefined {
  return message === '' ? undefined : new Set(message.split(' ') as EventType[]);
}

export function createEventStore(sql: Sql): EventStore {
  const { db, engine } = sql;

  return {
    async after(seq, limit) {
      const rows = await db.selectFrom('event').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit).execute();
      return rows.map(toEvent);
    },

    async list(filter, page) {
      const [after] = fromCursor(page, ['number']) ?? [0];
      const rows = await filtered(sql, filter)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toEvent, (row) => toCursor(row.seq));
    },

    async latest(filter) {
      const row = await filtered(sql, filter).orderBy('seq', 'desc').limit(1).executeTakeFirst();
      return row && toEvent(row);
    },

    async cursor(reactor) {
      const row = await db.selectFrom('event_cursor').select('seq').where('reactor', '=', reactor).executeTakeFirst();
      return row?.seq ?? 0;
    },

    async append(events) {
      if (events.length === 0) return;
      if (engine === 'postgres')
        await db.executeQuery(
          toUnheard('select pg_advisory_xact_lock($1), pg_notify($2, $3)', [APPEND_LOCK, EVENT_CHANNEL, fromTypes(events)]),
        );
      const rows = events.map(({ id, type, subject, time, actor, data }) => [id, type, subject, time, actor, toJson(data)]);
      await insertRows(sql, 'event', ['id', 'type', 'subject', 'time', 'actor', 'data'], rows, '');
    },

    async moveCursor(reactor, from, to) {
      const moved = await db.updateTable('event_cursor').set({ seq: to }).where('reactor', '=', reactor).where('seq', '=', from).execute();
      if (touched(moved)) return true;
      // Where the reactor has no row yet, it stands at 0.
      if (from !== 0) return false;
      const first = await db
        .insertInto('event_cursor')
        .values({ reactor, seq: to })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return touched(first);
    },
  };
}

function filtered({ db }: Sql, filter: EventFilter): SelectQueryBuilder<Schema, 'event', Selectable<EventTable>> {
  let query = db.selectFrom('event').selectAll();
  // An empty IN list is no SQL on PostgreSQL.
  if (filter.types !== undefined)
    query = filter.types.length > 0 ? query.where('type', 'in', filter.types) : query.where(raw<boolean>`1 = 0`);
  if (filter.afterSeq !== undefined) query = query.where('seq', '>', filter.afterSeq);
  const { subject } = filter;
  if (subject === undefined) return query;
  if (!subject.endsWith('/')) return query.where('subject', '=', subject);
  // A range, not LIKE: names may hold wildcards, and "0" is the character after "/".
  return query.where('subject', '>', subject).where('subject', '<', `${subject.slice(0, -1)}0`);
}

function toEvent(row: Selectable<EventTable>): Event {
  const { seq, id, type, subject, time, actor, data } = row;
  return { seq, id, type, subject, time, actor, data: fromJson<JsonObject>(data) };
}
