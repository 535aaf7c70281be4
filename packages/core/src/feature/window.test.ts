import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FeatureView } from './types.ts';
import { hopMs, toCountWindows, toFeatureVector, windowTail } from './window.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const view: FeatureView = {
  name: 'v',
  entity: 'k',
  dataset: 'd',
  idColumn: 'id',
  streams: [
    { name: 'mails', timeColumn: 't', where: null },
    { name: 'spam', timeColumn: 'c', where: 'spam' },
  ],
  features: [
    { name: 'mails_1h', stream: 'mails', aggregate: 'count', windowMs: HOUR },
    { name: 'spam_7d', stream: 'spam', aggregate: 'count', windowMs: 7 * DAY },
  ],
};

describe('windows of features', () => {
  test('hops grow with the window', () => {
    assert.deepEqual([1, HOUR, 12 * HOUR - 1].map(hopMs), [300_000, 300_000, 300_000]);
    assert.deepEqual([12 * HOUR, 12 * DAY - 1].map(hopMs), [HOUR, HOUR]);
    assert.deepEqual([12 * DAY, 365 * DAY].map(hopMs), [DAY, DAY]);
  });

  test('the tail stands on the hop at or before the window, also before 1970', () => {
    assert.equal(windowTail(10 * HOUR, HOUR), 9 * HOUR);
    assert.equal(windowTail(10 * HOUR + 1, HOUR), 9 * HOUR);
    assert.equal(windowTail(10 * HOUR + 299_999, HOUR), 9 * HOUR);
    assert.equal(windowTail(10 * HOUR + 300_000, HOUR), 9 * HOUR + 300_000);
    assert.equal(windowTail(20 * DAY + 5 * HOUR + 7, 7 * DAY), 13 * DAY + 5 * HOUR);
    assert.equal(windowTail(0, HOUR), -HOUR);
    assert.equal(windowTail(-1, HOUR), -HOUR - 300_000);
  });

  test('a view asks for one window a feature, ending before the moment, and names the answers', () => {
    const at = 20 * DAY + 1;
    assert.deepEqual(toCountWindows(view, at), [
      { stream: 'mails', from: 20 * DAY - HOUR, until: at },
      { stream: 'spam', from: 13 * DAY, until: at },
    ]);
    assert.deepEqual(toFeatureVector(view, [3, 1]), { mails_1h: 3, spam_7d: 1 });
    assert.deepEqual(toFeatureVector(view, []), { mails_1h: 0, spam_7d: 0 });
  });
});
