import type { DeliveryState, Webhook, WebhookDelivery, WebhookStatus, WebhookStore } from '@pawl/core';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';

interface WebhookTable {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly topics: string;
  readonly secret: string | null;
  readonly status: WebhookStatus;
  readonly created_at: number;
  readonly updated_at: number;
}

interface WebhookDeliveryTable {
  readonly id: string;
  readonly webhook: string;
  readonly body: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly due_at: number;
  readonly created_at: number;
  readonly problem: string;
}

export interface WebhookTables {
  readonly webhook: WebhookTable;
  readonly webhook_delivery: WebhookDeliveryTable;
}

export function createWebhookStore({ db }: Sql): WebhookStore {
  return {
    async get(id) {
      const row = await db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toWebhook(row);
    },
    async list(page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('webhook').selectAll();
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(after[0], after[1])));
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toWebhook, (row) => toCursor(row.created_at, row.id));
    },
    async active() {
      const rows = await db.selectFrom('webhook').selectAll().where('status', '=', 'ACTIVE').orderBy('created_at').orderBy('id').execute();
      return rows.map(toWebhook);
    },
    async due(now, limit) {
      const rows = await db
        .selectFrom('webhook_delivery')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toDelivery);
    },
    async delivery(id) {
      const row = await db.selectFrom('webhook_delivery').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toDelivery(row);
    },
    async insert(webhook) {
      return inserted(
        await db
          .insertInto('webhook')
          .values(fromWebhook(webhook))
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async update(webhook) {
      await db.updateTable('webhook').set(fromWebhook(webhook)).where('id', '=', webhook.id).execute();
    },
    async remove(id) {
      await db.deleteFrom('webhook').where('id', '=', id).execute();
    },
    async enqueue(deliveries) {
      if (deliveries.length === 0) return;
      await db
        .insertInto('webhook_delivery')
        .values(deliveries.map(fromDelivery))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async settle(delivery, expectedAttempts) {
      const { state, attempts, due_at, problem } = fromDelivery(delivery);
      return updated(
        await db
          .updateTable('webhook_delivery')
          .set({ state, attempts, due_at, problem })
          .where('id', '=', delivery.id)
          .where('attempts', '=', expectedAttempts)
          .where('state', '=', 'waiting')
          .execute(),
      );
    },
    async forget(before) {
      await db.deleteFrom('webhook_delivery').where('state', '!=', 'waiting').where('created_at', '<', before).execute();
    },
  };
}

function fromWebhook({ createdAt, updatedAt, topics, ...rest }: Webhook): WebhookTable {
  return { ...rest, topics: toJson(topics), created_at: createdAt, updated_at: updatedAt };
}

function toWebhook({ created_at, updated_at, topics, ...rest }: WebhookTable): Webhook {
  return { ...rest, topics: fromJson(topics), createdAt: created_at, updatedAt: updated_at };
}

function fromDelivery({ dueAt, createdAt, ...rest }: WebhookDelivery): WebhookDeliveryTable {
  return { ...rest, due_at: dueAt, created_at: createdAt };
}

function toDelivery({ due_at, created_at, ...rest }: WebhookDeliveryTable): WebhookDelivery {
  return { ...rest, dueAt: due_at, createdAt: created_at };
}
