import type { Webhook, WebhookAction, WebhookEntity, WebhookTopic } from '@pawl/core';
import type { WebhookService } from '@pawl/engine';
import { missingParameter } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { limitOf, required } from './registry-wire.ts';

/** Numbers of the protocol (mlflow/protos/webhooks.proto). */
const statuses = { ACTIVE: 1, DISABLED: 2 } as const;
const entities = {
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
} as const;
const actions = { CREATED: 1, DELETED: 3, SET: 4 } as const;

/** Messages of the registry to other systems. */
export function webhookRoutes({ webhooks }: { readonly webhooks: WebhookService }): readonly MlflowRoute[] {
  const idOf = (input: MlflowInput): string => input.string('webhook_id', required);

  return [
    defineMlflowRoute({
      operation: 'createWebhook',
      method: 'POST',
      version: '2.0',
      path: '/webhooks',
      handle: async (input) => {
        const name = input.string('name', required);
        const url = input.string('url', required);
        const topics = topicsOf(input);
        if (topics.length === 0) throw missingParameter('events');
        const content = {
          name,
          url,
          topics,
          description: input.string('description') ?? '',
          secret: input.string('secret') ?? null,
          status: input.choice('status', statuses) ?? 'ACTIVE',
        } as const;
        return { webhook: toWire(await webhooks.create(content, input.actor)) };
      },
    }),
    defineMlflowRoute({
      operation: 'listWebhooks',
      method: 'GET',
      version: '2.0',
      path: '/webhooks',
      handle: async (input) => {
        const after = input.string('page_token') || undefined;
        const page = await webhooks.list({ limit: limitOf(input, 100, 1000), ...(after === undefined ? {} : { after }) });
        return { webhooks: unlessEmpty(page.items.map(toWire)), next_page_token: page.next };
      },
    }),
    defineMlflowRoute({
      operation: 'getWebhook',
      method: 'GET',
      version: '2.0',
      path: '/webhooks/:webhook_id',
      handle: async (input) => ({ webhook: toWire(await webhooks.get(idOf(input))) }),
    }),
    defineMlflowRoute({
      operation: 'updateWebhook',
      method: 'PATCH',
      version: '2.0',
      path: '/webhooks/:webhook_id',
      handle: async (input) => {
        const [name, url] = [input.string('name') || undefined, input.string('url') || undefined];
        const [description, secret] = [input.string('description'), input.string('secret')];
        const topics = topicsOf(input);
        const status = input.choice('status', statuses);
        const change = {
          ...(name === undefined ? {} : { name }),
          ...(url === undefined ? {} : { url }),
          ...(description === undefined ? {} : { description }),
          ...(secret === undefined ? {} : { secret }),
          ...(topics.length === 0 ? {} : { topics }),
          ...(status === undefined ? {} : { status }),
        };
        return { webhook: toWire(await webhooks.change(idOf(input), change, input.actor)) };
      },
    }),
    defineMlflowRoute({
      operation: 'deleteWebhook',
      method: 'DELETE',
      version: '2.0',
      path: '/webhooks/:webhook_id',
      handle: (input) => webhooks.remove(idOf(input), input.actor),
    }),
    defineMlflowRoute({
      operation: 'testWebhook',
      method: 'POST',
      version: '2.0',
      path: '/webhooks/:webhook_id/test',
      handle: async (input) => {
        const event = input.message('event');
        const { success, status, body, problem } = await webhooks.test(idOf(input), event && toTopic(event));
        return {
          result: {
            success,
            ...(status === null ? {} : { response_status: status, response_body: body }),
            ...(problem === '' ? {} : { error_message: problem }),
          },
        };
      },
    }),
  ];
}

function topicsOf(input: MlflowInput): readonly WebhookTopic[] {
  return input.list('events').map(toTopic);
}

function toTopic(event: MlflowInput): WebhookTopic {
  return {
    entity: event.choice('entity', entities, required).toLowerCase() as WebhookEntity,
    action: event.choice('action', actions, required).toLowerCase() as WebhookAction,
  };
}

/** The secret is never shown. */
function toWire({ id, name, description, url, topics, status, createdAt, updatedAt }: Webhook): object {
  return {
    webhook_id: id,
    name,
    description: description === '' ? undefined : description,
    url,
    events: topics.map(({ entity, action }) => ({ entity: entity.toUpperCase(), action: action.toUpperCase() })),
    status,
    creation_timestamp: createdAt,
    last_updated_timestamp: updatedAt,
  };
}
