import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, Lease } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

export function testLeaseStore(open: Open): void {
  test('a lease is taken, renewed by its holder, and refused to others until it ends', () =>
    withDatabase(open, async (database) => {
      const acquire = (holder: string, now: number, until: number): Promise<Lease | undefined> =>
        database.transaction((tx) => tx.leases.acquire('scheduler', holder, now, until));
      assert.equal(await database.read.leases.get('scheduler'), undefined);
      assert.deepStrictEqual(await acquire('a', 100, 200), { name: 'scheduler', holder: 'a', until: 200, token: 1 });
      assert.equal(await acquire('b', 199, 400), undefined);
      assert.deepStrictEqual(await acquire('a', 150, 300), { name: 'scheduler', holder: 'a', until: 300, token: 1 });
      assert.deepStrictEqual(await database.read.leases.get('scheduler'), { name: 'scheduler', holder: 'a', until: 300, token: 1 });
      assert.deepStrictEqual(await acquire('b', 300, 400), { name: 'scheduler', holder: 'b', until: 400, token: 2 });
      assert.equal(await acquire('a', 301, 500), undefined);
    }));

  test('the token grows at each change of holder, also after a release', () =>
    withDatabase(open, async (database) => {
      const { leases } = database.read;
      await database.transaction((tx) => tx.leases.acquire('l', 'a', 0, 100));
      await database.transaction((tx) => tx.leases.release('l', 'b'));
      assert.equal((await leases.get('l'))?.holder, 'a');
      await database.transaction((tx) => tx.leases.release('l', 'a'));
      assert.equal(await leases.get('l'), undefined);
      const next = await database.transaction((tx) => tx.leases.acquire('l', 'a', 1, 100));
      assert.equal(next?.token, 2);
      await database.transaction((tx) => tx.leases.release('nothing', 'a'));
    }));

  test('a holder whose lease ran out, and was not taken, still renews it under the same token', () =>
    withDatabase(open, async (database) => {
      await database.transaction((tx) => tx.leases.acquire('l', 'a', 0, 100));
      const renewed = await database.transaction((tx) => tx.leases.acquire('l', 'a', 500, 600));
      assert.deepStrictEqual(renewed, { name: 'l', holder: 'a', until: 600, token: 1 });
    }));

  test('of many that want a lease, one gets it', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      for (let round = 1; round <= 3; round += 1) {
        const taken = await Promise.all(
          Array.from({ length: 10 }, (_, at) =>
            (handles[at % 2] as Database).transaction((tx) => tx.leases.acquire('l', `${round}-${at}`, round * 100, round * 100 + 100)),
          ),
        );
        const winners = taken.filter((lease) => lease !== undefined);
        assert.equal(winners.length, 1);
        assert.equal(winners[0]?.token, round);
        assert.deepStrictEqual(await database.read.leases.get('l'), winners[0]);
      }
    }));

  test('names and holders keep odd text', () =>
    withDatabase(open, async (database) => {
      for (const text of oddTexts.map((odd) => odd.slice(0, 500))) {
        const lease = await database.transaction((tx) => tx.leases.acquire(text, text, 0, Number.MAX_SAFE_INTEGER));
        assert.deepStrictEqual(lease, { name: text, holder: text, until: Number.MAX_SAFE_INTEGER, token: 1 });
      }
    }));
}
