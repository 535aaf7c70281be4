import type { ApprovalStore, ModelPolicy, ModelStage, StageRequest, StageRequestState } from '@pawl/core';
import { sql } from 'kysely';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';
import { toStorable } from './text.ts';

interface StageRequestTable {
  readonly id: string;
  readonly model: string;
  readonly version: number;
  readonly stage: ModelStage;
  /** Empty for a move of the version: one index then tells pending moves apart. */
  readonly alias: string;
  /** -1 when it was not said. */
  readonly archive_others: number;
  readonly reason: string;
  readonly forced: string | null;
  readonly state: StageRequestState;
  readonly requested_by: string;
  readonly requested_at: number;
  readonly expires_at: number;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
  readonly note: string;
  readonly revision: number;
}

export interface ApprovalTables {
  readonly model_policy: { readonly model: string; readonly spec: string };
  readonly stage_request: StageRequestTable;
}

export function createApprovalStore({ db }: Sql): ApprovalStore {
  return {
    async policy(model) {
      const row = await db.selectFrom('model_policy').select('spec').where('model', '=', model).executeTakeFirst();
      return row && fromJson<ModelPolicy>(row.spec);
    },
    async policies() {
      return (await db.selectFrom('model_policy').select('spec').orderBy('model').execute()).map((row) => fromJson<ModelPolicy>(row.spec));
    },
    async request(id) {
      const row = await db.selectFrom('stage_request').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRequest(row);
    },
    async requests({ model, version, state }, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('stage_request').selectAll();
      if (model !== undefined) query = query.where('model', '=', model);
      if (version !== undefined) query = query.where('version', '=', version);
      if (state !== undefined) query = query.where('state', '=', state);
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('requested_at', 'id'), '<', eb.tuple(...after)));
      const rows = await query
        .orderBy('requested_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toRequest, (row) => toCursor(row.requested_at, row.id));
    },
    async overdue(now, limit) {
      const rows = await db
        .selectFrom('stage_request')
        .selectAll()
        // As a literal: only then does SQLite see that the partial index serves the query.
        .where('state', '=', sql.lit('pending'))
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toRequest);
    },
    async putPolicy(policy) {
      const spec = toJson(policy);
      await db
        .insertInto('model_policy')
        .values({ model: policy.model, spec })
        .onConflict((conflict) => conflict.column('model').doUpdateSet({ spec }))
        .execute();
    },
    async insertRequest(request) {
      return inserted(
        await db
          .insertInto('stage_request')
          .values(fromRequest(request))
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async updateRequest(request, expectedRevision) {
      const { id, ...row } = fromRequest(request);
      return updated(
        await db.updateTable('stage_request').set(row).where('id', '=', id).where('revision', '=', expectedRevision).execute(),
      );
    },
  };
}

function fromRequest(request: StageRequest): StageRequestTable {
  return {
    id: request.id,
    model: request.model,
    version: request.version,
    stage: request.stage,
    alias: request.alias ?? '',
    archive_others: request.archiveOthers === null ? -1 : Number(request.archiveOthers),
    reason: toStorable(request.reason),
    forced: request.forced === null ? null : toJson(request.forced),
    state: request.state,
    requested_by: request.requestedBy,
    requested_at: request.requestedAt,
    expires_at: request.expiresAt,
    decided_by: request.decidedBy,
    decided_at: request.decidedAt,
    note: toStorable(request.note),
    revision: request.revision,
  };
}

function toRequest(row: StageRequestTable): StageRequest {
  return {
    id: row.id,
    model: row.model,
    version: row.version,
    stage: row.stage,
    alias: row.alias === '' ? null : row.alias,
    archiveOthers: row.archive_others === -1 ? null : row.archive_others === 1,
    reason: row.reason,
    forced: row.forced === null ? null : fromJson(row.forced),
    state: row.state,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    note: row.note,
    revision: row.revision,
  };
}
