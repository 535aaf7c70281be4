import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Webhook, WebhookDelivery } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function webhook(id: string, change: Partial<Webhook> = {}): Webhook {
  return {
    id,
    name: `hook-${id}`,
    description: oddTexts.join(''),
    url: 'https://example.com/hook',
    topics: [{ entity: 'model_version', action: 'created' }],
    secret: null,
    status: 'ACTIVE',
    createdAt: 1,
    updatedAt: 1,
    ...change,
  };
}

function delivery(id: string, change: Partial<WebhookDelivery> = {}): WebhookDelivery {
  return { id, webhook: 'a', body: '{"a":"é"}', state: 'waiting', attempts: 0, dueAt: 10, createdAt: 1, problem: '', ...change };
}

export function testWebhookStore(open: Open): void {
  test('webhooks are kept, changed, paged newest first, and found when active', () =>
    withDatabase(open, async (database) => {
      const { webhooks } = database.read;
      const hooks = ['a', 'b', 'c', 'd', 'e'].map((id, at) =>
        webhook(id, { createdAt: Math.floor(at / 2), secret: at === 0 ? 'é' : null }),
      );
      await database.transaction(async (tx) => {
        for (const hook of hooks) assert.equal(await tx.webhooks.insert(hook), true);
        assert.equal(await tx.webhooks.insert(webhook('a')), false);
      });
      assert.deepStrictEqual(await webhooks.get('a'), hooks[0]);
      assert.equal(await webhooks.get('z'), undefined);
      assert.deepStrictEqual(await allPages((page) => webhooks.list(page), 2), hooks.toReversed());
      const changed = webhook('b', { status: 'DISABLED', topics: [{ entity: 'prompt', action: 'created' }], updatedAt: 5, createdAt: 0 });
      await database.transaction((tx) => tx.webhooks.update(changed));
      assert.deepStrictEqual(await webhooks.get('b'), changed);
      assert.deepEqual(
        (await webhooks.active()).map(({ id }) => id),
        ['a', 'c', 'd', 'e'],
      );
      await database.transaction((tx) => tx.webhooks.remove('a'));
      assert.equal(await webhooks.get('a'), undefined);
    }));

  test('a delivery is due once, settled by one sender, and gone with its webhook', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      const { webhooks } = database.read;
      await database.transaction(async (tx) => {
        await tx.webhooks.insert(webhook('a'));
        await tx.webhooks.enqueue([delivery('1'), delivery('2', { dueAt: 5 }), delivery('3', { dueAt: 99 })]);
        await tx.webhooks.enqueue([delivery('1', { body: 'another' })]);
        await tx.webhooks.enqueue([]);
      });
      assert.deepStrictEqual(await webhooks.due(10, 5), [delivery('2', { dueAt: 5 }), delivery('1')]);
      assert.deepStrictEqual(await webhooks.due(10, 1), [delivery('2', { dueAt: 5 })]);
      const later = delivery('1', { attempts: 1, dueAt: 200, problem: 'it answered 500' });
      const won = await Promise.all([database, other].map((handle) => handle.transaction((tx) => tx.webhooks.settle(later, 0))));
      assert.equal(won.filter(Boolean).length, 1);
      assert.deepStrictEqual(await webhooks.delivery('1'), later);
      await database.transaction((tx) => tx.webhooks.settle(delivery('2', { attempts: 1, state: 'delivered' }), 0));
      assert.deepStrictEqual(await webhooks.due(100, 5), [delivery('3', { dueAt: 99 })]);
      assert.equal(await database.transaction((tx) => tx.webhooks.settle(delivery('2', { attempts: 2 }), 1)), false);
      await database.transaction((tx) => tx.webhooks.forget(2));
      assert.equal(await webhooks.delivery('2'), undefined);
      await database.transaction((tx) => tx.webhooks.remove('a'));
      assert.equal(await webhooks.delivery('3'), undefined);
      await assert.rejects(database.transaction((tx) => tx.webhooks.enqueue([delivery('4')])));
    }));
}
