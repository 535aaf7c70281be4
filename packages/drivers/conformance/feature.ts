import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, FeatureEvent, FeatureView } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const view: FeatureView = {
  name: 'sender',
  entity: 'sender_domain',
  dataset: 'mail',
  idColumn: 'id',
  streams: [
    { name: 'mails', timeColumn: 'received', where: null },
    { name: 'reports', timeColumn: 'reported', where: 'is_spam' },
  ],
  features: [{ name: 'mails_7d', stream: 'mails', aggregate: 'count', windowMs: 604_800_000 }],
};

function push(id: string, time: number, more: Partial<FeatureEvent> = {}): FeatureEvent {
  return { view: 'sender', stream: 'mails', key: 'example.org', id, time, ...more };
}

export function testFeatureStore(open: Open): void {
  test('a view is put, replaced, and listed by name', () =>
    withDatabase(open, async (database) => {
      const { features } = database.read;
      assert.equal(await features.view('sender'), undefined);
      await database.transaction((tx) => tx.features.putView({ ...view, entity: 'old', features: [] }));
      await database.transaction(async (tx) => {
        await tx.features.putView(view);
        await tx.features.putView({ ...view, name: 'Z' });
      });
      assert.deepStrictEqual(await features.view('sender'), view);
      assert.deepStrictEqual(await features.views(), [{ ...view, name: 'Z' }, view]);
    }));

  test('windows count what is inside: the start counts, the end does not', () =>
    withDatabase(open, async (database) => {
      await database.transaction((tx) =>
        tx.features.push([
          push('1', 100),
          push('2', 200),
          push('3', 299),
          push('4', 300),
          push('1', 150, { stream: 'reports' }),
          push('5', 150, { key: 'example.com' }),
          push('6', 150, { view: 'other' }),
        ]),
      );
      const window = (from: number, until: number, stream = 'mails') => ({ stream, from, until });
      const windows = [
        window(100, 300),
        window(101, 300),
        window(100, 301),
        window(0, 1000, 'reports'),
        window(300, 300),
        window(0, 9, '?'),
      ];
      assert.deepEqual(await database.read.features.counts('sender', ['example.org'], windows), [[3, 2, 4, 1, 0, 0]]);
      assert.deepEqual(await database.read.features.counts('sender', ['example.com'], windows.slice(0, 1)), [[1]]);
      assert.deepEqual(await database.read.features.counts('sender', ['example.org'], []), [[]]);
      const keys = ['example.com', 'nobody', 'example.org', 'example.com'];
      assert.deepEqual(await database.read.features.counts('sender', keys, windows.slice(0, 4)), [
        [1, 1, 1, 0],
        [0, 0, 0, 0],
        [3, 2, 4, 1],
        [1, 1, 1, 0],
      ]);
      assert.deepEqual(await database.read.features.counts('sender', [], windows), []);
      const crowd = Array.from({ length: 1300 }, (_, at) => (at === 1234 ? 'example.org' : `nobody ${at}`));
      const found = await database.read.features.counts('sender', crowd, windows.slice(0, 1));
      assert.deepEqual(
        found.map(([one]) => one),
        crowd.map((key) => (key === 'example.org' ? 3 : 0)),
      );
      const many = Array.from({ length: 230 }, (_, at) => window(0, at * 2));
      const expected = many.map(({ until }) => [100, 200, 299, 300].filter((time) => time < until).length);
      assert.deepEqual(await database.read.features.counts('sender', ['example.org'], many), [expected]);
    }));

  test('an event counts once by view, stream and id, whoever pushes it', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      assert.equal(await database.transaction((tx) => tx.features.push([])), 0);
      assert.equal(await database.transaction((tx) => tx.features.push([push('x', 1), push('x', 2), push('y', 3)])), 2);
      assert.equal(await database.transaction((tx) => tx.features.push([push('x', 9), push('z', 4)])), 1);
      const events = Array.from({ length: 40 }, (_, at) => push(`many ${at}`, at));
      const pushed = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (handles[at % 2] as Database).transaction((tx) => tx.features.push(at % 2 === 0 ? events : events.toReversed())),
        ),
      );
      assert.equal(
        pushed.reduce((sum, one) => sum + one, 0),
        40,
      );
      const all = { stream: 'mails', from: 0, until: 1000 };
      assert.deepEqual(await database.read.features.counts('sender', ['example.org'], [all]), [[43]]);
    }));

  test('a large push arrives whole', () =>
    withDatabase(open, async (database) => {
      const events = Array.from({ length: 13_001 }, (_, at) => push(`${at}`, at));
      assert.equal(await database.transaction((tx) => tx.features.push(events)), 13_001);
      const windows = [{ stream: 'mails', from: 6000, until: 1e9 }];
      assert.deepEqual(await database.read.features.counts('sender', ['example.org'], windows), [[7001]]);
    }));

  test('keys and ids keep odd text', () =>
    withDatabase(open, async (database) => {
      // Shorter than a third of a page: PostgreSQL indexes no longer text.
      const texts = oddTexts.map((text) => text.slice(0, 500));
      await database.transaction((tx) => tx.features.push(texts.map((text) => push(text, 5, { key: text, stream: text }))));
      for (const text of texts) {
        assert.deepEqual(await database.read.features.counts('sender', [text], [{ stream: text, from: 0, until: 10 }]), [[1]]);
      }
    }));

  test('expired events are forgotten, and may be pushed again', () =>
    withDatabase(open, async (database) => {
      await database.transaction((tx) => tx.features.push([push('1', 100), push('2', 200), push('3', 100, { view: 'other' })]));
      assert.equal(await database.transaction((tx) => tx.features.expire('sender', 200)), 1);
      const all = [{ stream: 'mails', from: 0, until: 1000 }];
      assert.deepEqual(await database.read.features.counts('sender', ['example.org'], all), [[1]]);
      assert.deepEqual(await database.read.features.counts('other', ['example.org'], all), [[1]]);
      assert.equal(await database.transaction((tx) => tx.features.push([push('1', 100)])), 1);
    }));
}
