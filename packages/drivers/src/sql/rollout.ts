import type { Endpoint, Rollout, RolloutMetric, RolloutSpec, RolloutState, RolloutStore, Verdict } from '@pawl/core';
import { toChunks } from './chunks.ts';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';

interface RolloutSpecTable {
  readonly endpoint: string;
  readonly spec: string;
}

interface RolloutTable {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string;
  readonly candidate: number;
  readonly stable: number | null;
  readonly spec: string;
  readonly state: RolloutState;
  readonly step: number;
  readonly started_at: number;
  readonly step_started_at: number;
  readonly ended_at: number | null;
  readonly step_base: number;
  readonly evidence: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly actor: string;
  readonly revision: number;
}

interface RolloutUnitTable {
  readonly rollout: string;
  readonly metric: RolloutMetric;
  readonly unit: string;
}

export interface RolloutTables {
  readonly endpoint: Endpoint;
  readonly rollout_spec: RolloutSpecTable;
  readonly rollout: RolloutTable;
  readonly rollout_unit: RolloutUnitTable;
}

export function createRolloutStore({ db }: Sql): RolloutStore {
  return {
    async endpoint(name) {
      const row = await db.selectFrom('endpoint').selectAll().where('name', '=', name).executeTakeFirst();
      return row && { ...row };
    },
    async endpoints() {
      return (await db.selectFrom('endpoint').selectAll().orderBy('name').execute()).map((row) => ({ ...row }));
    },
    async spec(endpoint) {
      const row = await db.selectFrom('rollout_spec').selectAll().where('endpoint', '=', endpoint).executeTakeFirst();
      return row && fromJson<RolloutSpec>(row.spec);
    },
    async get(id) {
      const row = await db.selectFrom('rollout').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRollout(row);
    },
    async list({ endpoint, model, candidate }, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('rollout').selectAll();
      if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint);
      if (model !== undefined) query = query.where('model', '=', model);
      if (candidate !== undefined) query = query.where('candidate', '=', candidate);
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('started_at', 'id'), '<', eb.tuple(...after)));
      const rows = await query
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toRollout, (row) => toCursor(row.started_at, row.id));
    },
    async putSpec(rollout) {
      const spec = toJson(rollout);
      await db
        .insertInto('rollout_spec')
        .values({ endpoint: rollout.endpoint, spec })
        .onConflict((conflict) => conflict.column('endpoint').doUpdateSet({ spec }))
        .execute();
    },
    async putEndpoint({ name, model, stable, rollout, revision }, expectedRevision) {
      if (expectedRevision === null) {
        const row = { name, model, stable, rollout, revision };
        return inserted(
          await db
            .insertInto('endpoint')
            .values(row)
            .onConflict((conflict) => conflict.doNothing())
            .execute(),
        );
      }
      return updated(
        await db
          .updateTable('endpoint')
          .set({ model, stable, rollout, revision: expectedRevision + 1 })
          .where('name', '=', name)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
    async insert(rollout) {
      const row = { ...fromRollout(rollout), revision: rollout.revision };
      return inserted(
        await db
          .insertInto('rollout')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async update(rollout, expectedRevision) {
      return updated(
        await db
          .updateTable('rollout')
          .set({ ...fromRollout(rollout), revision: expectedRevision + 1 })
          .where('id', '=', rollout.id)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
    async countUnits(rollout, metric, units) {
      const distinct = [...new Set(units)];
      // In one order, so that two writers of the same units wait for each other and never in a ring.
      const rows = distinct.toSorted().map((unit) => ({ rollout, metric, unit }));
      const fresh = new Set<string>();
      for (const chunk of toChunks(rows, 3)) {
        const added = await db
          .insertInto('rollout_unit')
          .values(chunk)
          .onConflict((conflict) => conflict.doNothing())
          .returning('unit')
          .execute();
        for (const row of added) fresh.add(row.unit);
      }
      return distinct.filter((unit) => fresh.has(unit));
    },
  };
}

function fromRollout(rollout: Rollout): Omit<RolloutTable, 'revision'> {
  return {
    id: rollout.id,
    endpoint: rollout.endpoint,
    model: rollout.model,
    candidate: rollout.candidate,
    stable: rollout.stable,
    spec: toJson(rollout.spec),
    state: rollout.state,
    step: rollout.step,
    started_at: rollout.startedAt,
    step_started_at: rollout.stepStartedAt,
    ended_at: rollout.endedAt,
    step_base: rollout.stepBase,
    evidence: toJson(rollout.evidence),
    verdict: rollout.verdict,
    reason: rollout.reason,
    actor: rollout.actor,
  };
}

function toRollout(row: RolloutTable): Rollout {
  return {
    id: row.id,
    endpoint: row.endpoint,
    model: row.model,
    candidate: row.candidate,
    stable: row.stable,
    spec: fromJson(row.spec),
    state: row.state,
    step: row.step,
    startedAt: row.started_at,
    stepStartedAt: row.step_started_at,
    endedAt: row.ended_at,
    stepBase: row.step_base,
    evidence: fromJson(row.evidence),
    verdict: row.verdict,
    reason: row.reason,
    actor: row.actor,
    revision: row.revision,
  };
}
