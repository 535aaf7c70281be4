import type { Alert, AlertKind, AlertState, AlertStore } from '@pawl/core';
import { sql } from 'kysely';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';

interface AlertTable {
  readonly id: string;
  readonly monitor: string;
  readonly kind: AlertKind;
  readonly version: number;
  readonly state: AlertState;
  readonly pending_at: number;
  readonly fired_at: number | null;
  readonly resolved_at: number | null;
  readonly summary: string;
  readonly evidence: string;
  readonly revision: number;
}

export interface AlertTables {
  readonly alert: AlertTable;
}

export function createAlertStore({ db }: Sql): AlertStore {
  return {
    async get(id) {
      const row = await db.selectFrom('alert').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toAlert(row);
    },
    async open(monitor, kind) {
      const row = await db
        .selectFrom('alert')
        .selectAll()
        .where('monitor', '=', monitor)
        .where('kind', '=', kind as AlertKind)
        // Literals, so that SQLite sees that the partial index of open alerts serves the query.
        .where(sql<boolean>`state IN ('pending', 'firing')`)
        .executeTakeFirst();
      return row && toAlert(row);
    },
    async list(filter, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('alert').selectAll();
      if (filter.monitor !== undefined) query = query.where('monitor', '=', filter.monitor);
      if (filter.state !== undefined) query = query.where('state', '=', filter.state);
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('pending_at', 'id'), '<', eb.tuple(...after)));
      const rows = await query
        .orderBy('pending_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toAlert, (row) => toCursor(row.pending_at, row.id));
    },
    async insert(alert) {
      const row = { ...fromAlert(alert), revision: alert.revision };
      return inserted(
        await db
          .insertInto('alert')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async update(alert, expectedRevision) {
      return updated(
        await db
          .updateTable('alert')
          .set({ ...fromAlert(alert), revision: expectedRevision + 1 })
          .where('id', '=', alert.id)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
  };
}

function fromAlert(alert: Alert): Omit<AlertTable, 'revision'> {
  return {
    id: alert.id,
    monitor: alert.monitor,
    kind: alert.kind,
    version: alert.version,
    state: alert.state,
    pending_at: alert.pendingAt,
    fired_at: alert.firedAt,
    resolved_at: alert.resolvedAt,
    summary: alert.summary,
    evidence: toJson(alert.evidence),
  };
}

function toAlert(row: AlertTable): Alert {
  return {
    id: row.id,
    monitor: row.monitor,
    kind: row.kind,
    version: row.version,
    state: row.state,
    pendingAt: row.pending_at,
    firedAt: row.fired_at,
    resolvedAt: row.resolved_at,
    summary: row.summary,
    evidence: fromJson(row.evidence),
    revision: row.revision,
  };
}
