import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleMessage, toWebhookMessage } from './message.ts';
import { webhookActions } from './types.ts';
import type { WebhookEntity } from './types.ts';

test('events of the registry become the messages that MLflow sends', () => {
  assert.deepEqual(toWebhookMessage({ type: 'model.created', data: { model: 'm', tags: { a: 'b' }, description: '', prompt: false } }), {
    topic: { entity: 'registered_model', action: 'created' },
    data: { name: 'm', tags: { a: 'b' }, description: null },
  });
  const registered = { model: 'm', version: 3, source: 'runs:/r/m', run: null, tags: {}, description: 'd', prompt: false };
  assert.deepEqual(toWebhookMessage({ type: 'model.version_registered', data: registered }), {
    topic: { entity: 'model_version', action: 'created' },
    data: { name: 'm', version: '3', source: 'runs:/r/m', run_id: null, tags: {}, description: 'd' },
  });
  assert.deepEqual(toWebhookMessage({ type: 'model.alias_deleted', data: { model: 'm', alias: 'a', prompt: false } }), {
    topic: { entity: 'model_version_alias', action: 'deleted' },
    data: { name: 'm', alias: 'a' },
  });
  assert.deepEqual(toWebhookMessage({ type: 'model.version_tag_set', data: { model: 'm', version: 1, key: 'k', value: '' } })?.data, {
    name: 'm',
    version: '1',
    key: 'k',
    value: '',
  });
});

test('a prompt is told of as one, without the tags that mark it', () => {
  const tags = { 'mlflow.prompt.is_prompt': 'true', 'mlflow.prompt.text': 'Hi {{x}}', _mlflow_prompt_type: 'text', own: '1' };
  const message = toWebhookMessage({ type: 'model.version_registered', data: { model: 'p', version: 1, tags, prompt: true } });
  assert.deepEqual(message, {
    topic: { entity: 'prompt_version', action: 'created' },
    data: { name: 'p', version: '1', template: 'Hi {{x}}', tags: { own: '1' }, description: null },
  });
  assert.equal(
    toWebhookMessage({ type: 'model.tag_set', data: { model: 'p', key: 'k', value: 'v', prompt: true } })?.topic.entity,
    'prompt_tag',
  );
  assert.equal(toWebhookMessage({ type: 'model.tag_set', data: { model: 'm', key: 'k', value: 'v', prompt: false } }), undefined);
});

test('what webhooks do not know of is not sent; each topic has an example with a name', () => {
  assert.equal(toWebhookMessage({ type: 'model.stage_changed', data: { model: 'm', version: 1 } }), undefined);
  for (const entity of Object.keys(webhookActions) as WebhookEntity[]) {
    for (const action of webhookActions[entity])
      assert.match(exampleMessage({ entity, action })['name'] as string, /^example_(model|prompt)$/);
  }
  assert.equal(exampleMessage({ entity: 'model_version_tag', action: 'deleted' })['value'], undefined);
});
