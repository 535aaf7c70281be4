import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Alert, AlertState, Database } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function alert(id: string, change: Partial<Alert> = {}): Alert {
  return {
    id,
    monitor: 'spam',
    kind: 'drift',
    version: 1,
    state: 'pending',
    pendingAt: 1000,
    firedAt: null,
    resolvedAt: null,
    summary: 'length drifted',
    evidence: { window: 100, features: [{ name: 'length', p: 1e-12 }] },
    revision: 1,
    ...change,
  };
}

export function testAlertStore(open: Open): void {
  test('of one kind of one monitor one alert is open, however many are raised at once', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const { alerts } = database.read;
      assert.equal(await alerts.open('spam', 'drift'), undefined);
      const won = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          (handles[at % 2] as Database).transaction((tx) =>
            tx.alerts.insert(alert(`a${at}`, { state: at < 4 ? 'pending' : 'firing', summary: oddTexts.join() })),
          ),
        ),
      );
      assert.equal(won.filter(Boolean).length, 1);
      const at = won.indexOf(true);
      const winner = alert(`a${at}`, { state: at < 4 ? 'pending' : 'firing', summary: oddTexts.join() });
      assert.deepStrictEqual(await alerts.open('spam', 'drift'), winner);
      assert.deepStrictEqual(await alerts.get(winner.id), winner);
      assert.equal((await alerts.list({}, { limit: 10 })).items.length, 1);
      await database.transaction(async (tx) => {
        assert.equal(await tx.alerts.insert(alert('quality', { kind: 'quality' })), true);
        assert.equal(await tx.alerts.insert(alert('ham', { monitor: 'ham' })), true);
      });
      assert.equal((await alerts.open('spam', 'quality'))?.id, 'quality');
      assert.equal(await alerts.open('ham', 'quality'), undefined);
    }));

  test('a resolved alert makes room for the next', () =>
    withDatabase(open, async (database) => {
      const resolved = alert('a', { state: 'resolved', firedAt: 1500, resolvedAt: 2000, revision: 3 });
      await database.transaction(async (tx) => {
        assert.equal(await tx.alerts.insert(alert('a')), true);
        assert.equal(await tx.alerts.update(alert('a', { state: 'firing', firedAt: 1500, revision: 2 }), 1), true);
        assert.equal(await tx.alerts.insert(alert('b')), false);
        assert.equal(await tx.alerts.update(resolved, 2), true);
        assert.equal(await tx.alerts.open('spam', 'drift'), undefined);
        assert.equal(await tx.alerts.insert(alert('b')), true);
      });
      assert.equal((await database.read.alerts.open('spam', 'drift'))?.id, 'b');
      assert.deepStrictEqual(await database.read.alerts.get('a'), resolved);
      assert.equal(await database.read.alerts.get('absent'), undefined);
    }));

  test('an alert changes by compare-and-set', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      await database.transaction((tx) => tx.alerts.insert(alert('a')));
      const next = (at: number): Alert => alert('a', { state: 'firing', firedAt: 2000 + at, revision: 2 });
      const won = await Promise.all(
        Array.from({ length: 4 }, (_, at) => (handles[at % 2] as Database).transaction((tx) => tx.alerts.update(next(at), 1))),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.deepStrictEqual(await database.read.alerts.get('a'), next(won.indexOf(true)));
      assert.equal(await database.transaction((tx) => tx.alerts.update(alert('absent'), 1)), false);
    }));

  test('alerts are paged newest first, by monitor and state', () =>
    withDatabase(open, async (database) => {
      const states: readonly AlertState[] = ['resolved', 'pending', 'firing'];
      const all = Array.from({ length: 21 }, (_, at) =>
        alert(`a${10 + at}`, {
          monitor: at % 2 === 0 ? `open ${at}` : 'spam',
          state: at % 2 === 0 ? (states[at % 3] as AlertState) : 'resolved',
          pendingAt: 1000 + Math.floor(at / 3),
        }),
      );
      await database.transaction(async (tx) => {
        for (const one of all) assert.equal(await tx.alerts.insert(one), true);
      });
      const { alerts } = database.read;
      const newest = all.toReversed();
      assert.deepStrictEqual(await allPages((page) => alerts.list({}, page), 4), newest);
      const spam = newest.filter((one) => one.monitor === 'spam');
      assert.deepStrictEqual(await allPages((page) => alerts.list({ monitor: 'spam' }, page), 3), spam);
      const firing = newest.filter((one) => one.state === 'firing');
      assert.deepStrictEqual(await allPages((page) => alerts.list({ state: 'firing' }, page), 2), firing);
      assert.deepStrictEqual(await alerts.list({ monitor: 'spam', state: 'firing' }, { limit: 5 }), { items: [] });
      await assert.rejects(alerts.list({}, { limit: 5, after: '' }), (error) => isFault(error, 'invalid_cursor'));
    }));
}
