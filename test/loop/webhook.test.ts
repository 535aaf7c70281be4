import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isFault } from '@pawl/core';
import type { WebhookTopic } from '@pawl/core';
import { createSecretBox, createSeededRandom, createWebhookSender } from '@pawl/drivers';
import {
  createArtifactService,
  createLoggedModelService,
  createRegistryService,
  createWebhookDelivery,
  createWebhookOutbox,
  createWebhookService,
} from '@pawl/engine';
import { settle, testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

const actor = 'user:ann';
const sender = createWebhookSender({ timeoutMs: 2000, reach: 'any' });

interface Post {
  readonly id: string;
  readonly text: string;
  readonly signed: boolean;
}

/** A receiver that checks signatures and answers with the statuses in turn, the last one for ever. */
async function startReceiver(secret: string, ...statuses: number[]) {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { 'x-mlflow-delivery-id': id, 'x-mlflow-timestamp': seconds, 'x-mlflow-signature': signature } = request.headers;
      const expected = createHmac('sha256', secret)
        .update(`${String(id)}.${String(seconds)}.${text}`)
        .digest('base64');
      posts.push({ id: String(id), text, signed: signature === `v1,${expected}` });
      response.writeHead((statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200).end('heard');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { posts, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

function servicesOf(rig: Pick<Rig, 'ports' | 'models'>) {
  const ports = {
    ...rig.ports,
    artifactRoot: 'mlflow-artifacts:/',
    random: createSeededRandom('webhook'),
    secrets: createSecretBox(['7'.repeat(64)]),
  };
  const artifacts = createArtifactService(ports);
  const registry = createRegistryService({ ...ports, models: rig.models, artifacts, loggedModels: createLoggedModelService(ports) });
  return {
    registry,
    webhooks: createWebhookService({ ...ports, sender }),
    outbox: createWebhookOutbox(ports),
    delivery: createWebhookDelivery({ ...ports, sender }),
  };
}

const all: readonly WebhookTopic[] = [
  { entity: 'registered_model', action: 'created' },
  { entity: 'model_version', action: 'created' },
  { entity: 'model_version_tag', action: 'set' },
  { entity: 'model_version_tag', action: 'deleted' },
  { entity: 'model_version_alias', action: 'created' },
  { entity: 'model_version_alias', action: 'deleted' },
  { entity: 'prompt', action: 'created' },
];

const hook = (url: string, more: object = {}) =>
  ({ name: 'hook', description: '', url, topics: all, secret: 'sésame', status: 'ACTIVE', ...more }) as const;

const kindOf = ({ text }: Post): string => {
  const { entity, action } = JSON.parse(text) as { entity: string; action: string };
  return `${entity}.${action}`;
};

testOnEach('a webhook is told of what it asked for, signed, in the words of MLflow', async (rig) => {
  const { registry, webhooks, outbox, delivery } = servicesOf(rig);
  const receiver = await startReceiver('sésame', 200);
  try {
    await registry.create({ name: 'before', description: '', tags: {}, actor });
    rig.clock.advanceBy(1000);
    await webhooks.create(hook(receiver.url), actor);
    await webhooks.create(hook(receiver.url, { status: 'DISABLED' }), actor);
    await webhooks.create(hook(receiver.url, { topics: [{ entity: 'prompt_alias', action: 'created' }] }), actor);
    const model = { model: 'spam', version: 1, actor };
    await registry.create({ name: 'spam', description: 'what', tags: { a: '1' }, actor });
    await registry.register({ ...model, source: 's3://b/é', run: 'r', loggedModel: null, runLink: '', description: '', tags: {} });
    await registry.setVersionTag({ ...model, key: 'k', value: 'v' });
    await registry.deleteVersionTag({ ...model, key: 'k' });
    await rig.stages.setAlias({ ...model, alias: 'best' });
    await registry.removeAlias({ model: 'spam', alias: 'best', actor });
    await registry.create({ name: 'greeting', description: '', tags: { 'mlflow.prompt.is_prompt': 'true' }, actor });
    await settle(outbox, delivery);
    await settle(outbox, delivery);
    assert.deepEqual(receiver.posts.map(kindOf).toSorted(), all.map(({ entity, action }) => `${entity}.${action}`).toSorted());
    assert.ok(receiver.posts.every(({ signed }) => signed));
    assert.equal(new Set(receiver.posts.map(({ id }) => id)).size, all.length);
    const registered = receiver.posts.find((post) => kindOf(post) === 'model_version.created');
    const { timestamp, ...message } = JSON.parse(registered?.text ?? '') as { timestamp: string };
    assert.match(timestamp, /^2026-01-05T00:00:01\.\d{3}\+00:00$/);
    assert.deepEqual(message, {
      entity: 'model_version',
      action: 'created',
      data: { name: 'spam', version: '1', source: 's3://b/é', run_id: 'r', tags: {}, description: null },
    });
  } finally {
    await receiver.close();
  }
});

testOnEach('what was not taken is sent again under the same id, later and later; a refusal for good ends it', async (rig) => {
  const { registry, webhooks, outbox, delivery } = servicesOf(rig);
  const receiver = await startReceiver('sésame', 503, 429, 200, 400);
  try {
    await webhooks.create(hook(receiver.url), actor);
    await registry.create({ name: 'one', description: '', tags: {}, actor });
    await settle(outbox, delivery);
    assert.equal(receiver.posts.length, 1);
    rig.clock.advanceBy(1000);
    await settle(delivery);
    assert.equal(receiver.posts.length, 1, 'not before its time');
    rig.clock.advanceBy(1000);
    // Another process goes on where this one stopped.
    const other = servicesOf(await rig.another());
    await settle(other.outbox, other.delivery);
    rig.clock.advanceBy(4100);
    await settle(delivery);
    assert.deepEqual(new Set(receiver.posts.map(({ id, text }) => `${id} ${text}`)).size, 1);
    assert.equal(receiver.posts.length, 3);
    rig.clock.advanceBy(1e9);
    await settle(delivery);
    assert.equal(receiver.posts.length, 3, 'delivered once it was taken');
    await registry.create({ name: 'two', description: '', tags: {}, actor });
    await settle(outbox, delivery);
    rig.clock.advanceBy(1e9);
    await settle(delivery);
    assert.equal(receiver.posts.length, 4, 'refused for good');
    assert.ok(rig.logLines.some((line) => line.startsWith('error: a webhook was not told')));
  } finally {
    await receiver.close();
  }
});

testOnEach('two senders at once send each message once; a sender that died is replaced', async (rig) => {
  const { registry, webhooks, outbox, delivery } = servicesOf(rig);
  const other = servicesOf(await rig.another());
  const receiver = await startReceiver('sésame', 200);
  try {
    const { id } = await webhooks.create(hook(receiver.url), actor);
    for (let count = 0; count < 10; count++) await registry.create({ name: `m${count}`, description: '', tags: {}, actor });
    await Promise.all([settle(outbox), settle(other.outbox)]);
    await Promise.all([settle(delivery), settle(other.delivery)]);
    assert.equal(receiver.posts.length, 10);
    assert.equal(new Set(receiver.posts.map((post) => post.id)).size, 10);

    await registry.create({ name: 'last', description: '', tags: {}, actor });
    await settle(outbox);
    const [waiting] = await rig.database.read.webhooks.due(rig.clock.now(), 5);
    assert.equal(waiting?.webhook, id);
    // What a sender leaves that took the delivery and was killed before it was answered.
    await rig.database.transaction((tx) => tx.webhooks.settle({ ...waiting, attempts: 1, dueAt: rig.clock.now() + 60_000 }, 0));
    await settle(delivery);
    assert.equal(receiver.posts.length, 10);
    rig.clock.advanceBy(60_000);
    await settle(delivery);
    assert.equal(receiver.posts.length, 11);
  } finally {
    await receiver.close();
  }
});

testOnEach('a webhook is tried out at once; what it may not be is refused', async (rig) => {
  const { webhooks } = servicesOf(rig);
  const receiver = await startReceiver('sésame', 200, 418);
  const invalid = (error: unknown) => isFault(error, 'webhook_invalid');
  try {
    const { id } = await webhooks.create(hook(receiver.url), actor);
    assert.deepEqual(await webhooks.test(id, undefined), { success: true, status: 200, body: 'heard', problem: '' });
    assert.deepEqual(await webhooks.test(id, { entity: 'prompt', action: 'created' }), {
      success: false,
      status: 418,
      body: 'heard',
      problem: '',
    });
    assert.deepEqual(receiver.posts.map(kindOf), ['registered_model.created', 'prompt.created']);
    assert.ok(receiver.posts.every(({ signed }) => signed));
    await webhooks.change(id, { url: 'http://127.0.0.1:1/closed', secret: '' }, actor);
    assert.match((await webhooks.test(id, undefined)).problem, /nothing listens there/);
    assert.equal((await webhooks.get(id)).secret, null);
    for (const change of [
      { name: '-a' },
      { name: 'a b' },
      { topics: [] },
      { url: 'ftp://host/x' },
      { topics: [{ entity: 'prompt', action: 'set' }] as const },
    ]) {
      await assert.rejects(webhooks.change(id, change, actor), invalid);
    }
    await webhooks.remove(id, actor);
    await assert.rejects(webhooks.get(id), (error) => isFault(error, 'webhook_not_found'));
  } finally {
    await receiver.close();
  }
});

testOnEach('without leave nothing is sent inside the network, whatever the name, and never without https', async () => {
  const careful = createWebhookSender({ timeoutMs: 2000, reach: 'public' });
  const receiver = await startReceiver('', 200);
  const port = new URL(receiver.url).port;
  const invalid = (error: unknown) => isFault(error, 'webhook_invalid');
  try {
    for (const url of [
      receiver.url,
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::1]:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      `https://2130706433:${port}/`,
      'https://169.254.169.254/latest/meta-data',
      'https://user:secret@example.com/',
      'not a url',
    ]) {
      await assert.rejects(careful.check(url), invalid, url);
      await assert.rejects(careful.post(url, '{}', {}), invalid, url);
    }
    assert.equal(receiver.posts.length, 0);
  } finally {
    await receiver.close();
  }
});

testOnEach('secrets are sealed where they are stored, and sealed anew under a newer key', async (rig) => {
  const [older, newer] = ['1'.repeat(64), '2'.repeat(64)];
  const webhooksWith = (...keys: readonly string[]) =>
    createWebhookService({
      ...rig.ports,
      secrets: createSecretBox(keys),
      sender: {
        check: () => Promise.resolve(),
        post: (_url, body, headers) => Promise.resolve({ status: 200, body: headers['X-MLflow-Signature'] ?? body }),
      },
    });
  const { id } = await webhooksWith(older).create(hook('https://example.com/x', { secret: 'hush' }), actor);
  const stored = async () => (await rig.database.read.webhooks.get(id))?.secret ?? '';
  const first = await stored();
  assert.ok(first.startsWith('sealed:') && !first.includes('hush'));
  assert.equal(JSON.stringify(await rig.database.read.events.list({}, { limit: 9 })).includes('hush'), false);
  assert.equal(await webhooksWith(newer).reseal(), 0, 'what no key opens stays');
  assert.equal((await webhooksWith(newer).test(id, undefined)).success, false);
  assert.equal(await webhooksWith(newer, older).reseal(), 1);
  assert.notEqual(await stored(), first);
  assert.match((await webhooksWith(newer).test(id, undefined)).body, /^v1,/);
  const plain = await rig.database.read.webhooks.get(id);
  assert.ok(plain !== undefined);
  await rig.database.transaction((tx) => tx.webhooks.update({ ...plain, secret: 'from before' }));
  assert.equal(await webhooksWith(newer).reseal(), 1);
  assert.ok((await stored()).startsWith('sealed:'));
});
