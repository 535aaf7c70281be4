import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { isFault } from '@pawl/core';
import type { Database, Event, NewEvent } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function event(id: string, more: Partial<NewEvent> = {}): NewEvent {
  return { id, type: 'run.created', subject: `run/${id}`, time: 1, actor: 'user:ann', data: {}, ...more };
}

const ids = (events: readonly Event[]): readonly string[] => events.map(({ id }) => id);

export function testEventStore(open: Open): void {
  test('events come back oldest first, whole, and numbered upwards', () =>
    withDatabase(open, async (database) => {
      const first = event('a', { time: Number.MAX_SAFE_INTEGER, data: { text: "it's", list: [1, null, { deep: true }], '': -1.5e300 } });
      await database.transaction((tx) => tx.events.append([first, event('b')]));
      await database.transaction((tx) => tx.events.append([event('c')]));
      await database.transaction((tx) => tx.events.append([]));
      const all = await database.read.events.after(0, 10);
      assert.deepEqual(ids(all), ['a', 'b', 'c']);
      const { seq, ...rest } = all[0] as Event;
      assert.deepStrictEqual(rest, first);
      assert.ok(seq > 0 && all.every((one, at) => at === 0 || one.seq > (all[at - 1] as Event).seq));
      assert.deepEqual(ids(await database.read.events.after(seq, 1)), ['b']);
      assert.deepEqual(await database.read.events.after((all[2] as Event).seq, 10), []);
    }));

  test('events keep odd text', () =>
    withDatabase(open, async (database) => {
      const events = oddTexts.map((text, at) =>
        event(`id ${at} ${text.slice(0, 50)}`, { actor: text, data: { [text.slice(0, 99)]: text } }),
      );
      await database.transaction((tx) => tx.events.append(events));
      const found = await database.read.events.after(0, 100);
      assert.deepStrictEqual(
        found.map((one) => ({ ...one, seq: 0 })),
        events.map((one) => ({ ...one, seq: 0 })),
      );
    }));

  test('events are filtered by type, subject, its prefix, and number', () =>
    withDatabase(open, async (database) => {
      const { events } = database.read;
      await database.transaction((tx) =>
        tx.events.append([
          event('a', { subject: 'model/spam' }),
          event('b', { subject: 'model/spam/1', type: 'gate.decided' }),
          event('c', { subject: 'model/spam_x/1' }),
          event('d', { subject: 'model/spam/2', type: 'run.ended' }),
          event('e', { subject: 'model/spam0' }),
        ]),
      );
      const list = async (filter: Parameters<typeof events.list>[0]): Promise<readonly string[]> =>
        ids((await events.list(filter, { limit: 10 })).items);
      assert.deepEqual(await list({}), ['a', 'b', 'c', 'd', 'e']);
      assert.deepEqual(await list({ subject: 'model/spam' }), ['a']);
      assert.deepEqual(await list({ subject: 'model/spam/' }), ['b', 'd']);
      assert.deepEqual(await list({ subject: 'model/spam_x/' }), ['c']);
      assert.deepEqual(await list({ types: ['gate.decided', 'run.ended'] }), ['b', 'd']);
      assert.deepEqual(await list({ types: [] }), []);
      const b = (await events.latest({ types: ['gate.decided'] })) as Event;
      assert.equal(b.id, 'b');
      assert.deepEqual(await list({ types: ['gate.decided', 'run.ended'], subject: 'model/spam/', afterSeq: b.seq }), ['d']);
      assert.equal((await events.latest({ subject: 'model/spam/' }))?.id, 'd');
      assert.equal(await events.latest({ subject: 'nothing' }), undefined);
    }));

  test('pages of events end, and hold each event once', () =>
    withDatabase(open, async (database) => {
      const names = Array.from({ length: 23 }, (_, at) => `e${at}`);
      await database.transaction((tx) => tx.events.append(names.map((name) => event(name))));
      for (const limit of [1, 5, 23, 24]) {
        assert.deepEqual(ids(await allPages((page) => database.read.events.list({}, page), limit)), names);
      }
      const exact = await database.read.events.list({}, { limit: 23 });
      assert.ok(!('next' in exact));
      for (const after of ['', 'nonsense', Buffer.from('["x"]').toString('base64url'), Buffer.from('[1,2]').toString('base64url')]) {
        await assert.rejects(database.read.events.list({}, { limit: 1, after }), (error) => isFault(error, 'invalid_cursor'));
      }
    }));

  test('an event id is taken once; the second transaction leaves nothing', () =>
    withDatabase(open, async (database) => {
      await database.transaction((tx) => tx.events.append([event('a')]));
      await assert.rejects(database.transaction((tx) => tx.events.append([event('b'), event('a')])));
      assert.deepEqual(ids(await database.read.events.after(0, 10)), ['a']);
    }));

  test('a transaction reads the events that it appended', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.events.append([event('a')]);
        await tx.events.append([event('b')]);
        assert.equal((await tx.events.latest({}))?.id, 'b');
        assert.deepEqual(ids(await tx.events.after(0, 10)), ['a', 'b']);
        assert.deepEqual(await database.read.events.after(0, 10), []);
        await tx.events.append([event('c')]);
      });
      assert.deepEqual(ids(await database.read.events.after(0, 10)), ['a', 'b', 'c']);
    }));

  test('a cursor moves only from where it stands', () =>
    withDatabase(open, async (database) => {
      const move = (from: number, to: number): Promise<boolean> => database.transaction((tx) => tx.events.moveCursor('r', from, to));
      assert.equal(await database.read.events.cursor('r'), 0);
      assert.equal(await move(1, 2), false);
      assert.equal(await move(0, 3), true);
      assert.equal(await move(0, 4), false);
      assert.equal(await database.read.events.cursor('r'), 3);
      assert.equal(await move(3, 5), true);
      assert.equal(await database.read.events.cursor('r'), 5);
      assert.equal(await database.read.events.cursor('other'), 0);
    }));

  test('of many that move a cursor from one place, one wins', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      for (const from of [0, 1]) {
        const moved = await Promise.all(
          Array.from({ length: 8 }, (_, at) =>
            (handles[at % 2] as Database).transaction((tx) => tx.events.moveCursor('r', from, from + 1)),
          ),
        );
        assert.equal(moved.filter(Boolean).length, 1);
      }
      assert.equal(await database.read.events.cursor('r'), 2);
    }));

  test('a reader that polls by number while many write never misses an event', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      const reader = await another();
      const writers = 6;
      const each = 25;
      let writing = true;
      const write = async (handle: Database, writer: number): Promise<void> => {
        for (let at = 0; at < each; at += 1) {
          await handle.transaction(async (tx) => {
            await tx.events.append([event(`${writer}-${at}-1`)]);
            await tx.leases.acquire(`lease ${writer}`, 'me', at, at + 1);
            // Some read their own events, and so hold their numbers while they go on.
            if (at % 3 === 0) await tx.events.latest({});
            await tx.leases.acquire(`lease ${writer} too`, 'me', at, at + 1);
            await tx.events.append([event(`${writer}-${at}-2`)]);
          });
        }
      };
      const seen: Event[] = [];
      const poll = async (): Promise<void> => {
        for (;;) {
          const last = !writing;
          const found = await reader.read.events.after(seen.at(-1)?.seq ?? 0, 7);
          seen.push(...found);
          if (last && found.length === 0) return;
          await turn();
        }
      };
      const polling = poll();
      await Promise.all(Array.from({ length: writers }, (_, at) => write(at % 2 === 0 ? database : other, at)));
      writing = false;
      await polling;
      assert.equal(seen.length, writers * each * 2);
      assert.deepStrictEqual(seen, await database.read.events.after(0, 1000));
      const own = ids(seen).filter((id) => id.startsWith('3-'));
      assert.deepEqual(
        own,
        Array.from({ length: each * 2 }, (_, at) => `3-${Math.floor(at / 2)}-${(at % 2) + 1}`),
      );
    }));
}
