import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '@pawl/core';
import type { Database, NewEvent, Writers } from '@pawl/core';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function event(id: string): NewEvent {
  return { id, type: 'run.created', subject: 'run/x', time: 1, actor: 'user:ann', data: {} };
}

/** Fails a test that waits for ever, as a query on the wrong handle inside a transaction would. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timeout = new AbortController();
  const late = sleep(ms, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`not done within ${ms} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timeout.abort();
  }
}

/** What a transaction promises, whatever the noun. */
export function testDatabase(open: Open): void {
  test('a transaction gives its result, and a thrown error leaves nothing and is thrown on', () =>
    withDatabase(open, async (database) => {
      assert.equal(await database.transaction(async () => 42), 42);
      const own = new Error('mine');
      await assert.rejects(
        database.transaction(async (tx) => {
          await tx.datasets.create({ name: 'mail', createdAt: 1 });
          await tx.leases.acquire('l', 'a', 0, 1);
          await tx.events.append([event('a')]);
          throw own;
        }),
        (error) => error === own,
      );
      assert.equal(await database.read.datasets.get('mail'), undefined);
      assert.equal(await database.read.leases.get('l'), undefined);
      assert.deepEqual(await database.read.events.after(0, 10), []);
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 2 }));
      assert.equal((await database.read.datasets.get('mail'))?.createdAt, 2);
    }));

  test('shared writes keep the order of their key, and an error of one is its own', () =>
    withDatabase(open, async (database) => {
      const own = new Error('mine');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 40 }, (_, at) =>
          database.shared(`key ${at % 2}`, async (tx) => {
            await tx.datasets.create({ name: `d${at}`, createdAt: at });
            await tx.events.append([event(`${at % 2}-${String(at).padStart(2, '0')}`)]);
            if (at % 10 === 7) throw own;
            return at;
          }),
        ),
      );
      assert.deepEqual(
        outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason === own)),
        Array.from({ length: 40 }, (_, at) => (at % 10 === 7 ? true : at)),
      );
      const kept = Array.from({ length: 40 }, (_, at) => at).filter((at) => at % 10 !== 7);
      const names = (await database.read.datasets.list({ limit: 100 })).items.map(({ name }) => name);
      assert.deepEqual(new Set(names), new Set(kept.map((at) => `d${at}`)));
      for (const key of ['0', '1']) {
        const ids = (await database.read.events.after(0, 100)).map(({ id }) => id).filter((id) => id.startsWith(key));
        assert.deepEqual(ids, ids.toSorted());
        assert.equal(ids.length, kept.filter((at) => String(at % 2) === key).length);
      }
    }));

  test('inside a transaction its own writes are seen, and database.read gives what is committed', () =>
    withDatabase(open, async (database) => {
      const inside = database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        assert.equal((await tx.datasets.get('mail'))?.name, 'mail');
        assert.equal(await database.read.datasets.get('mail'), undefined);
      });
      await within(5000, inside);
      assert.equal((await database.read.datasets.get('mail'))?.name, 'mail');
    }));

  test('as many transactions as wish read what is committed inside', () =>
    withDatabase(open, async (database) => {
      const work = async (tx: Writers, at: number): Promise<void> => {
        await tx.datasets.create({ name: `d${at}`, createdAt: at });
        await database.read.datasets.list({ limit: 5 });
        await sleep(1);
      };
      await within(20_000, Promise.all(Array.from({ length: 30 }, (_, at) => database.transaction((tx) => work(tx, at)))));
      assert.equal((await database.read.datasets.list({ limit: 100 })).items.length, 30);
    }));

  test('reads do not wait for an open transaction', () =>
    withDatabase(open, async (database) => {
      let release = (): void => undefined;
      const held = new Promise<void>((done) => (release = done));
      const slow = database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        await held;
      });
      assert.deepEqual((await within(1000, database.read.datasets.list({ limit: 5 }))).items, []);
      release();
      await slow;
    }));

  test('transactions of two handles run as if one after the other', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      // Each reads one lease and writes the other: both may not find the other free.
      const take = (handle: Database, mine: string, other: string): Promise<boolean> =>
        handle.transaction(async (tx) => {
          if ((await tx.leases.get(other)) !== undefined) return false;
          await sleep(2);
          await tx.leases.acquire(mine, mine, 0, 1);
          return true;
        });
      for (let round = 0; round < 10; round += 1) {
        const [a, b] = [`a${round}`, `b${round}`];
        const taken = await Promise.all([take(handles[0] as Database, a, b), take(handles[1] as Database, b, a)]);
        assert.equal(taken.filter(Boolean).length, 1, `round ${round}`);
      }
    }));

  test('what one reads and then writes is not lost to another', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const add = (handle: Database): Promise<unknown> =>
        handle.transaction(async (tx) => {
          const count = (await tx.leases.get('count'))?.until ?? 0;
          await tx.leases.acquire('count', 'all', 0, count + 1);
        });
      await Promise.all(Array.from({ length: 60 }, (_, at) => add(handles[at % 2] as Database)));
      assert.equal((await database.read.leases.get('count'))?.until, 60);
    }));

  test('listeners hear of commits that appended, and of no others', () =>
    withDatabase(open, async (database) => {
      let heard = 0;
      const stop = database.onEvents(() => (heard += 1));
      await sleep(200);
      const before = heard;
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 1 }));
      await database.transaction((tx) => tx.events.append([]));
      await database.transaction((tx) => tx.events.append([event('a')]).then(() => Promise.reject(new Error('no')))).catch(() => undefined);
      await sleep(50);
      assert.equal(heard, before);
      await database.transaction((tx) => tx.events.append([event('a')]));
      assert.ok(heard > before);
      stop();
      await sleep(50);
      const last = heard;
      await database.transaction((tx) => tx.events.append([event('b')]));
      await sleep(50);
      assert.equal(heard, last);
    }));

  test('text that an engine cannot keep is refused, and nothing stays', () =>
    withDatabase(open, async (database) => {
      for (const name of ['a\u0000b', '\u0000', 'half \ud83d pair']) {
        const write = database.transaction(async (tx) => {
          await tx.datasets.create({ name: 'before', createdAt: 1 });
          await tx.datasets.create({ name, createdAt: 1 });
        });
        await assert.rejects(write, (error) => isFault(error, 'invalid_input'));
        await assert.rejects(database.read.datasets.get(name), (error) => isFault(error, 'invalid_input'));
      }
      assert.deepEqual((await database.read.datasets.list({ limit: 5 })).items, []);
    }));

  test('values that no column holds are refused: undefined, Date, NaN, a fraction for a whole number', () =>
    withDatabase(open, async (database) => {
      for (const createdAt of [undefined, new Date(0), {}, Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 63] as readonly number[]) {
        await assert.rejects(database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt })));
      }
      assert.deepEqual((await database.read.datasets.list({ limit: 5 })).items, []);
    }));

  test('an integer beyond 2^53 is an error when read, never another number', () =>
    withDatabase(open, async (database) => {
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 2 ** 53 }));
      await assert.rejects(database.read.datasets.get('mail'));
    }));

  test('a database opens again with what it held, and many open it at once', () =>
    withDatabase(open, async (database, { another }) => {
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 1 }));
      await database.close();
      const handles = await Promise.all([another(), another(), another()]);
      for (const handle of handles) assert.equal((await handle.read.datasets.get('mail'))?.createdAt, 1);
    }));

  test('a close waits for the transactions under way', () =>
    withDatabase(open, async (database, { another }) => {
      const writing = Promise.all(
        Array.from({ length: 5 }, (_, at) =>
          database.transaction(async (tx) => {
            await sleep(5);
            await tx.datasets.create({ name: `d${at}`, createdAt: 1 });
          }),
        ),
      );
      await sleep(1);
      await Promise.all([writing, database.close()]);
      assert.equal((await (await another()).read.datasets.list({ limit: 9 })).items.length, 5);
    }));
}
