import { exampleMessage, fault, isFault, toWebhookHeaders, webhookActions } from '@pawl/core';
import type {
  Clock,
  Database,
  Hash,
  Ids,
  Page,
  PageRequest,
  SecretBox,
  Webhook,
  WebhookSender,
  WebhookStatus,
  WebhookTopic,
  Writers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import { rowsOf } from '../gc/pages.ts';
import { toBody, toBytes } from './body.ts';

export interface WebhookPorts {
  readonly database: Database;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly secrets: SecretBox;
}

export interface WebhookContent {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly topics: readonly WebhookTopic[];
  /** Empty: unsigned. */
  readonly secret: string | null;
  readonly status: WebhookStatus;
}

/** How a trial went. `status` and `body` are the receiver's; `problem` tells why no answer came. */
export interface WebhookTrial {
  readonly success: boolean;
  readonly status: number | null;
  readonly body: string;
  readonly problem: string;
}

export interface WebhookService {
  /** Throws `webhook_invalid`. */
  create(content: WebhookContent, actor: string): Promise<Webhook>;
  /** Throws `webhook_not_found`. */
  get(id: string): Promise<Webhook>;
  list(page: PageRequest): Promise<Page<Webhook>>;
  /** What is absent stays. */
  change(id: string, change: Partial<WebhookContent>, actor: string): Promise<Webhook>;
  /** What waited for it is not sent any more. */
  remove(id: string, actor: string): Promise<void>;
  /** Seals anew what an older key has sealed, or none, and leaves what no key here opens; gives how many. */
  reseal(): Promise<number>;
  /** Sends an example at once, once: of the topic given, else of its first. */
  test(id: string, topic: WebhookTopic | undefined): Promise<WebhookTrial>;
}

const NAME = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/i;

export function createWebhookService(ports: WebhookPorts): WebhookService {
  const { database, sender, clock, ids, hash, secrets } = ports;

  const toSecret = (secret: string | null): string | null => (secret === null || secret === '' ? null : secrets.seal(secret));

  const resealOne = async (tx: Writers, id: string): Promise<boolean> => {
    const webhook = await tx.webhooks.get(id);
    if (webhook === undefined || webhook.secret === null || secrets.isCurrent(webhook.secret)) return false;
    await tx.webhooks.update({ ...webhook, secret: secrets.seal(secrets.open(webhook.secret)) });
    return true;
  };

  const find = async (from: Pick<Writers, 'webhooks'> | Database['read'], id: string): Promise<Webhook> => {
    const found = await from.webhooks.get(id);
    if (found === undefined) throw fault('webhook_not_found', { id });
    return found;
  };

  const check = async ({ name, url, topics }: Partial<WebhookContent>): Promise<void> => {
    if (name !== undefined && !NAME.test(name)) {
      throw fault('webhook_invalid', {
        problem: `Webhook name '${name}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
      });
    }
    if (topics?.length === 0)
      throw fault('webhook_invalid', { problem: 'Webhook events must be a non-empty list of WebhookEvent objects: [].' });
    for (const topic of topics ?? []) requireTopic(topic);
    if (url !== undefined) await sender.check(url);
  };

  /** Neither address nor secret: both may open doors. */
  const event = (type: 'webhook.created' | 'webhook.changed' | 'webhook.deleted', { id, name, status }: Webhook, actor: string) =>
    toEvent(ports, type, `webhook/${id}`, actor, { webhook: id, name, status });

  return {
    async create(content, actor) {
      await check(content);
      const now = clock.now();
      const webhook: Webhook = {
        ...content,
        secret: toSecret(content.secret),
        topics: distinct(content.topics),
        id: ids.next(),
        createdAt: now,
        updatedAt: now,
      };
      await database.transaction(async (tx) => {
        await tx.webhooks.insert(webhook);
        await tx.events.append([event('webhook.created', webhook, actor)]);
      });
      return webhook;
    },
    get: (id) => find(database.read, id),
    list: (page) => database.read.webhooks.list(page),
    async change(id, change, actor) {
      await find(database.read, id);
      await check(change);
      return database.transaction(async (tx) => {
        const before = await find(tx, id);
        const changed: Webhook = {
          ...before,
          ...change,
          secret: change.secret === undefined ? before.secret : toSecret(change.secret),
          topics: distinct(change.topics ?? before.topics),
          updatedAt: clock.now(),
        };
        await tx.webhooks.update(changed);
        await tx.events.append([event('webhook.changed', changed, actor)]);
        return changed;
      });
    },
    async remove(id, actor) {
      await database.transaction(async (tx) => {
        const webhook = await find(tx, id);
        await tx.webhooks.remove(id);
        await tx.events.append([event('webhook.deleted', webhook, actor)]);
      });
    },
    async reseal() {
      let sealed = 0;
      for await (const { id } of rowsOf((page) => database.read.webhooks.list(page))) {
        try {
          if (await database.transaction((tx) => resealOne(tx, id))) sealed++;
        } catch (error) {
          // Its deliveries say so until the key is back; the others go on.
          if (!isFault(error, 'secret_unreadable')) throw error;
        }
      }
      return sealed;
    },
    async test(id, topic) {
      const webhook = await find(database.read, id);
      const tried = topic ?? webhook.topics[0];
      if (tried === undefined) throw fault('webhook_invalid', { problem: 'This webhook has no events to try.' });
      requireTopic(tried);
      const now = clock.now();
      const body = toBody(tried, exampleMessage(tried), now);
      try {
        const secret = webhook.secret && secrets.open(webhook.secret);
        const headers = toWebhookHeaders(hash, { delivery: ids.next(), body, secret, now }, toBytes);
        const answer = await sender.post(webhook.url, body, headers);
        return { success: answer.status < 400, status: answer.status, body: answer.body, problem: '' };
      } catch (error) {
        if (!isFault(error)) throw error;
        return { success: false, status: null, body: '', problem: `Failed to test webhook: ${error.message}` };
      }
    },
  };
}

function requireTopic({ entity, action }: WebhookTopic): void {
  const valid = webhookActions[entity];
  if (valid.includes(action)) return;
  const list = valid.map((each) => `'${each}'`).join(', ');
  throw fault('webhook_invalid', { problem: `Invalid action '${action}' for entity '${entity}'. Valid actions are: [${list}]` });
}

function distinct(topics: readonly WebhookTopic[]): readonly WebhookTopic[] {
  return [...new Map(topics.map((topic) => [`${topic.entity}.${topic.action}`, topic])).values()];
}
