import type { Page, PageRequest } from '../ports/page.ts';
import type { Webhook, WebhookDelivery } from './types.ts';

export interface WebhookReader {
  get(id: string): Promise<Webhook | undefined>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Webhook>>;
  /** Those that are active. */
  active(): Promise<readonly Webhook[]>;
  /** Waiting deliveries whose attempt is due at `now`, the longest due first. */
  due(now: number, limit: number): Promise<readonly WebhookDelivery[]>;
  delivery(id: string): Promise<WebhookDelivery | undefined>;
}

export interface WebhookStore extends WebhookReader {
  /** False when the id is there. */
  insert(webhook: Webhook): Promise<boolean>;
  update(webhook: Webhook): Promise<void>;
  /** With its deliveries. */
  remove(id: string): Promise<void>;
  /** Deliveries whose id is there already are left as they are. */
  enqueue(deliveries: readonly WebhookDelivery[]): Promise<void>;
  /** Compare-and-set on `attempts`; false when another sender was faster, or the webhook is gone. */
  settle(delivery: WebhookDelivery, expectedAttempts: number): Promise<boolean>;
  /** Forgets deliveries that ended and were made before that time. */
  forget(before: number): Promise<void>;
}
