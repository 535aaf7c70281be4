import type { ArrivalStore, TriggerArrival, TriggerStage, WaitingGroup } from '@pawl/core';
import { sql } from 'kysely';
import { toChunks } from './chunks.ts';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';
import { inserted } from './outcome.ts';

interface TriggerArrivalTable {
  readonly id: string;
  readonly trigger_name: string;
  readonly event: string;
  readonly grouping_key: string;
  readonly dedupe_key: string;
  readonly note: string;
  readonly content: string;
  readonly schedule: string | null;
  readonly at: number;
  readonly due_at: number;
  readonly state: TriggerArrival['state'];
  readonly stage: TriggerStage;
  readonly reason: string;
  readonly run: string | null;
}

export interface ArrivalTables {
  readonly trigger_arrival: TriggerArrivalTable;
}

/** A literal, not a parameter: only then does SQLite see that a partial index serves the query. */
const waiting = sql.lit('waiting' as const);

export function createArrivalStore({ db }: Sql): ArrivalStore {
  return {
    async waitingGroups() {
      const rows = await db
        .selectFrom('trigger_arrival')
        .select(({ fn }) => [
          'trigger_name',
          'grouping_key',
          fn.countAll<number | string>().as('count'),
          fn.min('at').as('first'),
          fn.max('at').as('last'),
          fn.min('due_at').as('due'),
        ])
        .where('state', '=', waiting)
        .groupBy(['trigger_name', 'grouping_key'])
        .execute();
      return rows.map((row): WaitingGroup => ({
        trigger: row.trigger_name,
        group: row.grouping_key,
        count: Number(row.count),
        first: row.first,
        last: row.last,
        due: row.due,
      }));
    },
    async waiting(trigger, group, limit) {
      const rows = await db
        .selectFrom('trigger_arrival')
        .selectAll()
        .where('trigger_name', '=', trigger)
        .where('grouping_key', '=', group)
        .where('state', '=', waiting)
        .orderBy('due_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toArrival);
    },
    async waitingCount(trigger) {
      const row = await db
        .selectFrom('trigger_arrival')
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .where('trigger_name', '=', trigger)
        .where('state', '=', waiting)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
    async has(trigger, event) {
      const query = db.selectFrom('trigger_arrival').select('id').where('trigger_name', '=', trigger).where('event', '=', event);
      return (await query.executeTakeFirst()) !== undefined;
    },
    async keySince(trigger, key, since) {
      const query = db
        .selectFrom('trigger_arrival')
        .select('id')
        .where('trigger_name', '=', trigger)
        .where('dedupe_key', '=', key)
        .where('at', '>=', since)
        .limit(1);
      return (await query.executeTakeFirst()) !== undefined;
    },
    async ofRun(run, limit) {
      const rows = await db.selectFrom('trigger_arrival').selectAll().where('run', '=', run).orderBy('id').limit(limit).execute();
      return rows.map(toArrival);
    },
    async activeRuns(pipeline, limit) {
      const rows = await db
        .selectFrom('pipeline_run')
        .select('id')
        .where('pipeline', '=', pipeline)
        .where('state', 'not in', [sql.lit('succeeded' as const), sql.lit('failed' as const), sql.lit('canceled' as const)])
        .where('cause_type', '<>', 'backfill')
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.id);
    },
    async insert(arrival) {
      const row: TriggerArrivalTable = {
        id: arrival.id,
        trigger_name: arrival.trigger,
        event: arrival.event,
        grouping_key: arrival.group,
        dedupe_key: arrival.key,
        note: arrival.note,
        content: toJson(arrival.content),
        schedule: arrival.schedule === null ? null : toJson(arrival.schedule),
        at: arrival.at,
        due_at: arrival.dueAt,
        state: arrival.state,
        stage: arrival.stage,
        reason: arrival.reason,
        run: arrival.run,
      };
      return inserted(
        await db
          .insertInto('trigger_arrival')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async settle(ids, to) {
      for (const chunk of toChunks(ids, 1)) {
        await db.updateTable('trigger_arrival').set(to).where('id', 'in', chunk).where('state', '=', waiting).execute();
      }
    },
  };
}

function toArrival(row: TriggerArrivalTable): TriggerArrival {
  return {
    id: row.id,
    trigger: row.trigger_name,
    event: row.event,
    group: row.grouping_key,
    key: row.dedupe_key,
    note: row.note,
    content: fromJson(row.content),
    schedule: row.schedule === null ? null : fromJson(row.schedule),
    at: row.at,
    dueAt: row.due_at,
    state: row.state,
    stage: row.stage,
    reason: row.reason,
    run: row.run,
  };
}
