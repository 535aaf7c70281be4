import { toWebhookMessage } from '@pawl/core';
import type { Database, EventType, Hash, Log, WebhookDelivery } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import { toBody } from './body.ts';

const TYPES: readonly EventType[] = [
  'model.created',
  'model.tag_set',
  'model.tag_deleted',
  'model.version_registered',
  'model.version_tag_set',
  'model.version_tag_deleted',
  'model.alias_set',
  'model.alias_deleted',
];

/** Turns events of the registry into one delivery for each webhook that wants it, in the transaction that moves the cursor: none is lost, none is made twice. */
export function createWebhookOutbox(ports: { readonly database: Database; readonly log: Log; readonly hash: Hash }): Loop {
  const { database, hash } = ports;
  return createReactor(ports, {
    name: 'webhook outbox',
    types: TYPES,
    async handle(event) {
      const message = toWebhookMessage(event);
      if (message === undefined) return undefined;
      const { entity, action } = message.topic;
      const wanting = (await database.read.webhooks.active()).filter(
        (webhook) =>
          // What happened before it was there is not told to it.
          webhook.createdAt <= event.time && webhook.topics.some((topic) => topic.entity === entity && topic.action === action),
      );
      if (wanting.length === 0) return undefined;
      const body = toBody(message.topic, message.data, event.time);
      const deliveries = wanting.map(({ id }): WebhookDelivery => ({
        id: hash(`${event.id} ${id}`).slice(7, 39),
        webhook: id,
        body,
        state: 'waiting',
        attempts: 0,
        dueAt: event.time,
        createdAt: event.time,
        problem: '',
      }));
      return async (tx) => {
        const there = await Promise.all(
          deliveries.map(async (delivery) => ((await tx.webhooks.get(delivery.webhook)) === undefined ? [] : [delivery])),
        );
        await tx.webhooks.enqueue(there.flat());
      };
    },
  });
}
