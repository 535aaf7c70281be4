import type { TriggerDecision, TriggerOutcome, TriggerSpec, TriggerStage, TriggerState, TriggerStore } from '@pawl/core';
import type { Generated, Selectable } from 'kysely';
import { toChunks } from './chunks.ts';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';

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
  /** `outcome:stage`; `started` and `suppressed` alone are of before there were stages. */
  readonly decision: string;
  readonly reason: string;
  readonly run: string | null;
  readonly at: number;
  readonly grouping_key: string;
}

interface TriggerStateTable {
  readonly trigger_name: string;
  readonly source: string;
  readonly next_fire: number | null;
  readonly labels_seq: number;
  readonly labels_count: number;
  readonly secret: string | null;
  readonly revision: number;
}

export interface TriggerTables {
  readonly trigger_spec: TriggerSpecTable;
  readonly trigger_decision: TriggerDecisionTable;
  readonly trigger_state: TriggerStateTable;
}

export function createTriggerStore({ db }: Sql): TriggerStore {
  return {
    async get(name) {
      const row = await db.selectFrom('trigger_spec').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toSpec(row.spec);
    },
    async list() {
      return (await db.selectFrom('trigger_spec').selectAll().orderBy('name').execute()).map((row) => toSpec(row.spec));
    },
    async state(name) {
      const row = await db.selectFrom('trigger_state').selectAll().where('trigger_name', '=', name).executeTakeFirst();
      return row && toState(row);
    },
    async states() {
      return (await db.selectFrom('trigger_state').selectAll().execute()).map(toState);
    },
    async decisions(trigger, page) {
      const after = fromCursor(page, ['number']);
      let query = db.selectFrom('trigger_decision').selectAll().where('trigger_name', '=', trigger);
      if (after !== undefined) query = query.where('seq', '<', after[0]);
      const rows = await query
        .orderBy('seq', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toDecision, (row) => toCursor(row.seq));
    },
    async starts(trigger, group, limit) {
      let query = db
        .selectFrom('trigger_decision')
        .select('at')
        .where('trigger_name', '=', trigger)
        .where('decision', 'in', ['started:passed', 'started']);
      if (group !== null) query = query.where('grouping_key', '=', group);
      return (await query.orderBy('at', 'desc').limit(limit).execute()).map((row) => row.at);
    },
    async put(trigger) {
      const spec = toJson(trigger);
      await db
        .insertInto('trigger_spec')
        .values({ name: trigger.name, spec })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ spec }))
        .execute();
    },
    async putState({ trigger, source, nextFire, labelsSeq, labelsCount, secret }, expectedRevision) {
      const row = { source, next_fire: nextFire, labels_seq: labelsSeq, labels_count: labelsCount, secret };
      if (expectedRevision === undefined)
        return inserted(
          await db
            .insertInto('trigger_state')
            .values({ trigger_name: trigger, ...row, revision: 0 })
            .onConflict((conflict) => conflict.doNothing())
            .execute(),
        );
      return updated(
        await db
          .updateTable('trigger_state')
          .set({ ...row, revision: expectedRevision + 1 })
          .where('trigger_name', '=', trigger)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
    async insertDecisions(decisions) {
      const rows = decisions.map(({ id, trigger, event, group, decision, stage, reason, run, at }) => ({
        id,
        trigger_name: trigger,
        event,
        grouping_key: group,
        decision: `${decision}:${stage}`,
        reason,
        run,
        at,
      }));
      for (const chunk of toChunks(rows, 8)) {
        await db
          .insertInto('trigger_decision')
          .values(chunk)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
  };
}

/** A trigger as it was declared while alerts were the only source. */
interface AlertOnly {
  readonly name: string;
  readonly pipeline: string;
  readonly monitor: string;
  readonly kinds: readonly string[];
  readonly cooldownMs: number;
  readonly params: Readonly<Record<string, string>>;
}

function toSpec(text: string): TriggerSpec {
  const spec = fromJson<TriggerSpec | AlertOnly>(text);
  if (!('monitor' in spec)) return spec;
  const { name, pipeline, monitor, kinds, cooldownMs, params } = spec;
  return {
    name,
    pipeline,
    on: { kind: 'alert', monitor, kinds },
    filter: {},
    dedupe: { key: null, windowMs: 86_400_000 },
    group: null,
    merge: true,
    debounce: { quietMs: 0, maxWaitMs: 0 },
    cooldownMs,
    maxActive: 1,
    policy: 'queue',
    budget: null,
    params,
  };
}

function toState(row: Selectable<TriggerStateTable>): TriggerState {
  const { trigger_name: trigger, source, next_fire: nextFire, labels_seq: labelsSeq, labels_count: labelsCount, secret, revision } = row;
  return { trigger, source, nextFire, labelsSeq, labelsCount, secret, revision };
}

function toDecision(row: Selectable<TriggerDecisionTable>): TriggerDecision {
  const [outcome, stage = outcome === 'suppressed' ? 'cooldown' : 'passed'] = row.decision.split(':');
  return {
    id: row.id,
    trigger: row.trigger_name,
    event: row.event,
    group: row.grouping_key,
    decision: outcome === 'suppressed' ? 'waiting' : (outcome as TriggerOutcome),
    stage: stage as TriggerStage,
    reason: row.reason,
    run: row.run,
    at: row.at,
  };
}
