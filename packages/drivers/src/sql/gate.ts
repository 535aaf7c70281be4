import type { GateDecision, GateSpec, GateStore, Verdict } from '@pawl/core';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted } from './outcome.ts';

interface GateSpecTable {
  readonly model: string;
  readonly spec: string;
}

interface GateDecisionTable {
  readonly id: string;
  readonly gate: string;
  readonly model: string;
  readonly candidate: number;
  readonly champion: number | null;
  readonly evaluation_dataset: string;
  readonly evaluation_version: number;
  readonly verdict: Verdict;
  readonly checks: string;
  readonly at: number;
  readonly forced: string | null;
}

export interface GateTables {
  readonly gate_spec: GateSpecTable;
  readonly gate_decision: GateDecisionTable;
}

export function createGateStore({ db }: Sql): GateStore {
  return {
    async spec(model) {
      const row = await db.selectFrom('gate_spec').selectAll().where('model', '=', model).executeTakeFirst();
      return row && fromJson<GateSpec>(row.spec);
    },
    async specs() {
      return (await db.selectFrom('gate_spec').selectAll().orderBy('model').execute()).map((row) => fromJson<GateSpec>(row.spec));
    },
    async decision(id) {
      const row = await db.selectFrom('gate_decision').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toDecision(row);
    },
    async latest(model, candidate) {
      const row = await db
        .selectFrom('gate_decision')
        .selectAll()
        .where('model', '=', model)
        .where('candidate', '=', candidate)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toDecision(row);
    },
    async list(model, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('gate_decision').selectAll();
      if (model !== undefined) query = query.where('model', '=', model);
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('at', 'id'), '<', eb.tuple(...after)));
      const rows = await query
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toDecision, (row) => toCursor(row.at, row.id));
    },
    async putSpec(gate) {
      const spec = toJson(gate);
      await db
        .insertInto('gate_spec')
        .values({ model: gate.model, spec })
        .onConflict((conflict) => conflict.column('model').doUpdateSet({ spec }))
        .execute();
    },
    async insert(decision) {
      const row = fromDecision(decision);
      return inserted(
        await db
          .insertInto('gate_decision')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async setForced(id, force) {
      await db
        .updateTable('gate_decision')
        .set({ forced: toJson(force) })
        .where('id', '=', id)
        .execute();
    },
  };
}

function fromDecision(decision: GateDecision): GateDecisionTable {
  return {
    id: decision.id,
    gate: decision.gate,
    model: decision.model,
    candidate: decision.candidate,
    champion: decision.champion,
    evaluation_dataset: decision.evaluation.dataset,
    evaluation_version: decision.evaluation.version,
    verdict: decision.verdict,
    checks: toJson(decision.checks),
    at: decision.at,
    forced: decision.forced === null ? null : toJson(decision.forced),
  };
}

function toDecision(row: GateDecisionTable): GateDecision {
  return {
    id: row.id,
    gate: row.gate,
    model: row.model,
    candidate: row.candidate,
    champion: row.champion,
    evaluation: { dataset: row.evaluation_dataset, version: row.evaluation_version },
    verdict: row.verdict,
    checks: fromJson(row.checks),
    at: row.at,
    forced: row.forced === null ? null : fromJson(row.forced),
  };
}
