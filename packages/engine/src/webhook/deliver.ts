import { isFault, toWebhookHeaders } from '@pawl/core';
import type { Clock, Database, Hash, Log, SecretBox, Webhook, WebhookDelivery, WebhookSender } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { toBytes } from './body.ts';

export interface DeliverPorts {
  readonly database: Database;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly log: Log;
  readonly secrets: SecretBox;
}

const AT_ONCE = 8;
/** An attempt that has not been settled by then was cut off, and is made again. */
const LEASE_MS = 60_000;
const ATTEMPTS = 12;
const BASE_MS = 1000;
const LONGEST_PAUSE_MS = 60 * 60_000;
const KEEP_MS = 7 * 24 * 60 * 60_000;
const TIDY_MS = 60 * 60_000;

interface Outcome {
  readonly state: WebhookDelivery['state'];
  readonly problem: string;
}

/**
 * Sends what is due, at least once. No answer, 408, 429 and 5xx are tried again with doubling pauses, twelve times over about two hours; any other refusal is final. A delivery
 * keeps its id, and is taken by one sender at a time.
 */
export function createWebhookDelivery(ports: DeliverPorts): Loop {
  const { database, sender, clock, hash, log, secrets } = ports;
  let tidyAt = 0;

  const send = async (webhook: Webhook, delivery: WebhookDelivery): Promise<Outcome> => {
    try {
      const secret = webhook.secret && secrets.open(webhook.secret);
      const message = { delivery: delivery.id, body: delivery.body, secret, now: clock.now() };
      const { status } = await sender.post(webhook.url, delivery.body, toWebhookHeaders(hash, message, toBytes));
      if (status >= 200 && status < 300) return { state: 'delivered', problem: '' };
      const again = status === 408 || status === 429 || status >= 500;
      return { state: again ? 'waiting' : 'failed', problem: `it answered ${status}` };
    } catch (error) {
      if (!isFault(error)) throw error;
      return { state: error.kind === 'user' ? 'failed' : 'waiting', problem: error.message };
    }
  };

  const attempt = async (delivery: WebhookDelivery): Promise<void> => {
    const taken: WebhookDelivery = { ...delivery, attempts: delivery.attempts + 1, dueAt: clock.now() + LEASE_MS };
    if (!(await database.transaction((tx) => tx.webhooks.settle(taken, delivery.attempts)))) return;
    const webhook = await database.read.webhooks.get(delivery.webhook);
    if (webhook === undefined) return;
    const outcome: Outcome =
      webhook.status === 'ACTIVE' ? await send(webhook, taken) : { state: 'failed', problem: 'the webhook is disabled' };
    const last = taken.attempts >= ATTEMPTS;
    const state = outcome.state === 'waiting' && last ? 'failed' : outcome.state;
    const dueAt = clock.now() + Math.min(BASE_MS * 2 ** taken.attempts, LONGEST_PAUSE_MS);
    await database.transaction((tx) => tx.webhooks.settle({ ...taken, state, dueAt, problem: outcome.problem }, taken.attempts));
    if (state !== 'delivered') {
      const fields = { webhook: webhook.id, delivery: delivery.id, attempts: taken.attempts, problem: outcome.problem };
      if (state === 'failed') log.error(fields, 'a webhook was not told and will not be');
      else log.warn(fields, 'a webhook was not told and will be tried again');
    }
  };

  return {
    name: 'webhook delivery',
    async tick() {
      const now = clock.now();
      const due = await database.read.webhooks.due(now, AT_ONCE);
      await Promise.all(due.map(attempt));
      if (due.length === 0 && now >= tidyAt) {
        tidyAt = now + TIDY_MS;
        await database.transaction((tx) => tx.webhooks.forget(now - KEEP_MS));
      }
      return due.length > 0;
    },
  };
}
