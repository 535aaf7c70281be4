import type { TriggerDecision, TriggerSpec, TriggerStore } from '@pawl/core';
import type { Generated, Selectable } from 'kysely';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';
import { inserted } from './outcome.ts';

interface TriggerSpecTable {
  readonly name: string;
  readonly spec: string;
}

interface TriggerDecisionTable {
  /** Order of the decisions; two may fall in one millisecond. */
  readonly seq: Generated<number>;
  readonly id: string;
  readonly trigger_name: string;
  readonly event: string;
  readonly decision: TriggerDecision['decision'];
  readonly reason: string;
  readonly run: string | null;
  readonly at: number;
}

export interface TriggerTables {
  readonly trigger_spec: TriggerSpecTable;
  readonly trigger_decision: TriggerDecisionTable;
}

export function createTriggerStore({ db }: Sql): TriggerStore {
  return {
    async get(name) {
      const row = await db.selectFrom('trigger_spec').selectAll().where('name', '=', name).executeTakeFirst();
      return row && fromJson<TriggerSpec>(row.spec);
    },
    async list() {
      return (await db.selectFrom('trigger_spec').selectAll().orderBy('name').execute()).map((row) => fromJson<TriggerSpec>(row.spec));
    },
    async decisions(trigger, limit) {
      const rows = await db
        .selectFrom('trigger_decision')
        .selectAll()
        .where('trigger_name', '=', trigger)
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toDecision);
    },
    async lastStart(trigger) {
      const row = await db
        .selectFrom('trigger_decision')
        .select('at')
        .where('trigger_name', '=', trigger)
        .where('decision', '=', 'started')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.at;
    },
    async pending(trigger) {
      const rows = await db
        .selectFrom('trigger_decision')
        .selectAll()
        .where('trigger_name', '=', trigger)
        .where('decision', '=', 'suppressed')
        .where('seq', '>', (where) =>
          where
            .selectFrom('trigger_decision as start')
            .select(({ fn, lit }) => fn.coalesce(fn.max('start.seq'), lit(0)).as('seq'))
            .where('start.trigger_name', '=', trigger)
            .where('start.decision', '=', 'started'),
        )
        .orderBy('seq')
        .execute();
      return rows.map(toDecision);
    },
    async put(trigger) {
      const spec = toJson(trigger);
      await db
        .insertInto('trigger_spec')
        .values({ name: trigger.name, spec })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ spec }))
        .execute();
    },
    async insertDecision({ id, trigger, event, decision, reason, run, at }) {
      const row = { id, trigger_name: trigger, event, decision, reason, run, at };
      return inserted(
        await db
          .insertInto('trigger_decision')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
  };
}

function toDecision(row: Selectable<TriggerDecisionTable>): TriggerDecision {
  return {
    id: row.id,
    trigger: row.trigger_name,
    event: row.event,
    decision: row.decision,
    reason: row.reason,
    run: row.run,
    at: row.at,
  };
}
