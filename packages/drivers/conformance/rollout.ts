import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Database, Endpoint, Rollout, RolloutSpec } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const spec: RolloutSpec = {
  name: 'careful',
  endpoint: 'spam',
  model: 'spam',
  automatic: true,
  steps: [{ weight: 0.1, minRequests: 100, minMs: 60_000, require: 'not_worse' }],
  guards: [{ metric: 'slow', sloMs: 50, tolerance: 1, noWorseThan: 1.5, margin: 0.01, required: true }],
  alpha: 0.05,
  maxStepMs: 3_600_000,
  onTimeout: 'rollback',
};

const endpoint: Endpoint = { name: 'spam', model: 'spam', stable: null, rollout: null, revision: 1 };

function rollout(id: string, change: Partial<Rollout> = {}): Rollout {
  return {
    id,
    endpoint: 'spam',
    model: 'spam',
    candidate: 2,
    stable: 1,
    spec,
    state: 'running',
    step: 0,
    startedAt: 1000,
    stepStartedAt: 1000,
    endedAt: null,
    stepBase: 0,
    evidence: [
      {
        metric: 'slow',
        stable: { requests: 900, events: 3 },
        candidate: { requests: 100, events: 1 },
        tests: { harm: { logWealth: -0.12345678901234568, grid: [1e-300, 0.1, 3] } },
      },
    ],
    verdict: 'INCONCLUSIVE',
    reason: 'not enough data',
    actor: 'user:ann',
    revision: 1,
    ...change,
  };
}

export function testRolloutStore(open: Open): void {
  test('an endpoint has one rollout specification, the last declared', () =>
    withDatabase(open, async (database) => {
      assert.equal(await database.read.rollouts.spec('spam'), undefined);
      const changed: RolloutSpec = { ...spec, automatic: false, onTimeout: 'hold', guards: [] };
      await database.transaction(async (tx) => {
        await tx.rollouts.putSpec(spec);
        await tx.rollouts.putSpec({ ...spec, endpoint: 'ham' });
        await tx.rollouts.putSpec(changed);
      });
      assert.deepStrictEqual(await database.read.rollouts.spec('spam'), changed);
    }));

  test('an endpoint is put once and then changes by compare-and-set', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const put = (one: Endpoint, expected: number | null, at = 0): Promise<boolean> =>
        (handles[at % 2] as Database).transaction((tx) => tx.rollouts.putEndpoint(one, expected));
      assert.equal(await put(endpoint, 1), false);
      const first = await Promise.all(Array.from({ length: 6 }, (_, at) => put(endpoint, null, at)));
      assert.equal(first.filter(Boolean).length, 1);
      const next = await Promise.all(
        Array.from({ length: 6 }, (_, at) => put({ ...endpoint, stable: at + 1, rollout: 'r', revision: 2 }, 1, at)),
      );
      assert.equal(next.filter(Boolean).length, 1);
      const now = { ...endpoint, stable: next.indexOf(true) + 1, rollout: 'r', revision: 2 };
      assert.deepStrictEqual(await database.read.rollouts.endpoint('spam'), now);
      assert.equal(await put({ ...now, stable: null }, 1), false);
      assert.equal(await put({ ...endpoint, name: 'ham' }, null), true);
      assert.deepStrictEqual(await database.read.rollouts.endpoints(), [{ ...endpoint, name: 'ham' }, now]);
      assert.equal(await database.read.rollouts.endpoint('absent'), undefined);
    }));

  test('a rollout is inserted once and changes by compare-and-set', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      assert.equal(await database.transaction((tx) => tx.rollouts.insert(rollout('r'))), true);
      assert.equal(await database.transaction((tx) => tx.rollouts.insert(rollout('r', { candidate: 9 }))), false);
      assert.deepStrictEqual(await database.read.rollouts.get('r'), rollout('r'));
      const next: readonly Rollout[] = [
        rollout('r', { state: 'promoted', verdict: 'PASS', endedAt: 5000, reason: oddTexts.join(), revision: 2 }),
        rollout('r', { step: 1, stepStartedAt: 4000, stepBase: 100, evidence: [], stable: null, revision: 2 }),
      ];
      const won = await Promise.all(
        [database, other].map((handle, at) => handle.transaction((tx) => tx.rollouts.update(next[at] as Rollout, 1))),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.deepStrictEqual(await database.read.rollouts.get('r'), next[won.indexOf(true)]);
      assert.equal(await database.transaction((tx) => tx.rollouts.update(rollout('absent'), 1)), false);
    }));

  test('rollouts are paged newest first', () =>
    withDatabase(open, async (database) => {
      const all = Array.from({ length: 17 }, (_, at) =>
        rollout(`r${10 + at}`, { startedAt: 1000 + Math.floor(at / 3), endpoint: at % 2 === 0 ? 'spam' : 'ham', candidate: at % 5 }),
      );
      await database.transaction(async (tx) => {
        for (const one of all) await tx.rollouts.insert(one);
      });
      const { rollouts } = database.read;
      assert.deepStrictEqual(await allPages((page) => rollouts.list({}, page), 4), all.toReversed());
      const ham = all.filter((one) => one.endpoint === 'ham').toReversed();
      assert.deepStrictEqual(await allPages((page) => rollouts.list({ endpoint: 'ham' }, page), 3), ham);
      const third = all.filter((one) => one.candidate === 3).toReversed();
      assert.deepStrictEqual(await allPages((page) => rollouts.list({ model: 'spam', candidate: 3 }, page), 2), third);
      assert.deepStrictEqual((await rollouts.list({ model: 'other', candidate: 3 }, { limit: 9 })).items, []);
      await assert.rejects(rollouts.list({ endpoint: 'ham' }, { limit: 3, after: 'WzFd' }), (error) => isFault(error, 'invalid_cursor'));
    }));

  test('a unit counts once for each metric of each rollout', () =>
    withDatabase(open, async (database) => {
      const count = (id: string, metric: 'slow' | 'wrong', units: readonly string[]): Promise<readonly string[]> =>
        database.transaction((tx) => tx.rollouts.countUnits(id, metric, units));
      assert.deepEqual(await count('r', 'slow', []), []);
      assert.deepEqual(await count('r', 'slow', ['c', 'a', 'c', 'b']), ['c', 'a', 'b']);
      assert.deepEqual(await count('r', 'slow', ['a', 'd', 'b']), ['d']);
      assert.deepEqual(await count('r', 'wrong', ['a']), ['a']);
      assert.deepEqual(await count('s', 'slow', ['a']), ['a']);
      const broken = database.transaction(async (tx) => {
        assert.deepEqual(await tx.rollouts.countUnits('r', 'slow', ['x']), ['x']);
        throw new Error('rolled back');
      });
      await assert.rejects(broken, /rolled back/);
      assert.deepEqual(await count('r', 'slow', ['x']), ['x']);
      const many = Array.from({ length: 25_000 }, (_, at) => `unit ${at}`);
      assert.deepEqual(await count('r', 'slow', many), many);
      assert.deepEqual(await count('r', 'slow', many), []);
    }));

  test('of writers that count the same units at once, each unit is new to one', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const units = Array.from({ length: 60 }, (_, at) => `u${at}`);
      const counted = await Promise.all(
        Array.from({ length: 6 }, (_, at) => {
          const turned = [...units.slice(at * 10), ...units.slice(0, at * 10)];
          return (handles[at % 2] as Database).transaction((tx) => tx.rollouts.countUnits('r', 'wrong', turned));
        }),
      );
      assert.deepEqual(counted.flat().toSorted(), units.toSorted());
    }));
}
