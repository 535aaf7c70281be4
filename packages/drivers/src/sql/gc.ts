import type { GcRun, GcStore } from '@pawl/core';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { pageDeleted } from './gc/deleted.ts';
import { pageDigests } from './gc/digests.ts';
import { findHold } from './gc/hold.ts';
import { finishRuns, removeDeleted } from './gc/remove.ts';

export interface GcTables {
  readonly gc_run: { readonly id: string; readonly state: GcRun['state']; readonly record: string; readonly started_at: number };
  readonly experiment_removed: { readonly id: number };
  readonly run_removed: { readonly id: string };
}

export function createGcStore(sql: Sql): GcStore {
  const { db } = sql;

  return {
    digests: (kind, page) => pageDigests(sql, kind, page),
    deleted: (kind, before, page) => pageDeleted(sql, kind, before, page),
    hold: (kind, id, condemned) => findHold(sql, kind, id, condemned),
    remove: (kind, id) => removeDeleted(sql, kind, id),
    finish: (limit) => finishRuns(sql, limit),

    async run(id) {
      const row = await db.selectFrom('gc_run').select('record').where('id', '=', id).executeTakeFirst();
      return row && fromJson<GcRun>(row.record);
    },

    async runs(page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('gc_run').selectAll();
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('started_at', 'id'), '<', eb.tuple(...after)));
      const rows = await query
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(
        rows,
        page.limit,
        (row) => fromJson<GcRun>(row.record),
        (row) => toCursor(row.started_at, row.id),
      );
    },

    async putRun(run) {
      const { id, state, startedAt } = run;
      const record = toJson(run);
      await db
        .insertInto('gc_run')
        .values({ id, state, record, started_at: startedAt })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ state, record }))
        .execute();
    },
  };
}
