import type { Event } from '../event/types.ts';
import type { JsonObject, JsonValue } from '../ports/json.ts';
import type { WebhookTopic } from './types.ts';

export interface WebhookMessage {
  readonly topic: WebhookTopic;
  readonly data: JsonObject;
}

const HIDDEN_PROMPT_TAGS: ReadonlySet<string> = new Set(['mlflow.prompt.is_prompt', '_mlflow_prompt_type', 'mlflow.prompt.text']);

function visibleTags(tags: JsonValue | undefined): JsonObject {
  return Object.fromEntries(Object.entries((tags ?? {}) as JsonObject).filter(([key]) => !HIDDEN_PROMPT_TAGS.has(key)));
}

/** What webhooks are told of an event of the registry, in MLflow's payloads (mlflow/webhooks/types.py); undefined for what they are not told of. */
export function toWebhookMessage(event: Pick<Event, 'type' | 'data'>): WebhookMessage | undefined {
  const { model = null, key = null, value = null, alias = null, tags = {}, description } = event.data;
  const prompt = event.data['prompt'] === true;
  const version = String(event.data['version'] as number | undefined);
  const text = description === undefined || description === '' ? null : description;
  switch (event.type) {
    case 'model.created':
      return {
        topic: { entity: prompt ? 'prompt' : 'registered_model', action: 'created' },
        data: { name: model, tags: prompt ? visibleTags(tags) : tags, description: text },
      };
    case 'model.version_registered':
      if (prompt) {
        const template = ((tags ?? {}) as JsonObject)['mlflow.prompt.text'] ?? null;
        return {
          topic: { entity: 'prompt_version', action: 'created' },
          data: { name: model, version, template, tags: visibleTags(tags), description: text },
        };
      }
      return {
        topic: { entity: 'model_version', action: 'created' },
        data: {
          name: model,
          version,
          source: event.data['source'] ?? '',
          run_id: event.data['run'] ?? null,
          tags,
          description: text,
        },
      };
    case 'model.tag_set':
      return prompt ? { topic: { entity: 'prompt_tag', action: 'set' }, data: { name: model, key, value } } : undefined;
    case 'model.tag_deleted':
      return prompt ? { topic: { entity: 'prompt_tag', action: 'deleted' }, data: { name: model, key } } : undefined;
    case 'model.version_tag_set':
      return {
        topic: { entity: prompt ? 'prompt_version_tag' : 'model_version_tag', action: 'set' },
        data: { name: model, version, key, value },
      };
    case 'model.version_tag_deleted':
      return {
        topic: { entity: prompt ? 'prompt_version_tag' : 'model_version_tag', action: 'deleted' },
        data: { name: model, version, key },
      };
    case 'model.alias_set':
      return {
        topic: { entity: prompt ? 'prompt_alias' : 'model_version_alias', action: 'created' },
        data: { name: model, alias, version },
      };
    case 'model.alias_deleted':
      return { topic: { entity: prompt ? 'prompt_alias' : 'model_version_alias', action: 'deleted' }, data: { name: model, alias } };
    default:
      return undefined;
  }
}

/** A message of each kind, for trying a webhook out. */
export function exampleMessage(topic: WebhookTopic): JsonObject {
  const name = topic.entity.startsWith('prompt') ? 'example_prompt' : 'example_model';
  const tags = { example_key: 'example_value' };
  switch (topic.entity) {
    case 'registered_model':
    case 'prompt':
      return { name, tags, description: topic.entity === 'prompt' ? 'An example prompt' : 'An example registered model' };
    case 'model_version':
      return { name, version: '1', source: 'models:/123', run_id: 'abcd1234abcd5678', tags, description: 'An example model version' };
    case 'prompt_version':
      return { name, version: '1', template: 'Hello {{name}}!', tags, description: 'An example prompt version' };
    case 'model_version_tag':
    case 'prompt_version_tag':
      return { name, version: '1', key: 'example_key', ...(topic.action === 'set' ? { value: 'example_value' } : {}) };
    case 'prompt_tag':
      return { name, key: 'example_key', ...(topic.action === 'set' ? { value: 'example_value' } : {}) };
    default:
      return { name, alias: 'example_alias', ...(topic.action === 'created' ? { version: '1' } : {}) };
  }
}
