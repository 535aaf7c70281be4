import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backfill, BackfillPartition, Database, TriggerArrival, TriggerDecision, TriggerSpec, TriggerState } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const spec: TriggerSpec = {
  name: 'retrain',
  pipeline: 'spam',
  on: { kind: 'alert', monitor: 'spam', kinds: ['drift', 'quality'] },
  filter: { type: ['a', 'b*'] },
  dedupe: { key: '{{event.id}}', windowMs: 1000 },
  group: null,
  merge: true,
  debounce: { quietMs: 1, maxWaitMs: 2 },
  cooldownMs: 3_600_000,
  maxActive: 1,
  policy: 'queue',
  budget: 4,
  params: { rate: '0.1' },
};

function decision(id: string, change: Partial<TriggerDecision> = {}): TriggerDecision {
  return {
    id,
    trigger: 'retrain',
    event: `event of ${id}`,
    group: '',
    decision: 'waiting',
    stage: 'cooldown',
    reason: 'cooling down',
    run: null,
    at: 1000,
    ...change,
  };
}

const started = (id: string, change: Partial<TriggerDecision> = {}): TriggerDecision =>
  decision(id, { decision: 'started', stage: 'passed', reason: '', run: `run of ${id}`, ...change });

function arrival(id: string, change: Partial<TriggerArrival> = {}): TriggerArrival {
  return {
    id,
    trigger: 'retrain',
    event: `event of ${id}`,
    group: '',
    key: `key of ${id}`,
    note: 'it happened',
    content: { type: 't', data: { text: 'ä' } },
    schedule: null,
    at: 1000,
    dueAt: 1000,
    state: 'waiting',
    stage: 'passed',
    reason: '',
    run: null,
    ...change,
  };
}

const state: TriggerState = { trigger: 'retrain', source: '{}', nextFire: 5, labelsSeq: 0, labelsCount: 0, secret: null, revision: 0 };

export function testTriggerStore(open: Open): void {
  test('triggers are declared, replaced and listed by name', () =>
    withDatabase(open, async (database) => {
      const changed: TriggerSpec = { ...spec, on: { kind: 'manual' }, params: {} };
      const odd = oddTexts.map((text, at) => ({ ...spec, name: `odd ${at}`, params: { text } }));
      assert.equal(await database.read.triggers.get('retrain'), undefined);
      await database.transaction(async (tx) => {
        for (const one of [spec, ...odd, changed]) await tx.triggers.put(one);
      });
      assert.deepStrictEqual(await database.read.triggers.get('retrain'), changed);
      assert.deepStrictEqual(await database.read.triggers.list(), [...odd, changed]);
    }));

  test('decisions come newest first, also of one millisecond, one for each stage of an event, and starts are told', () =>
    withDatabase(open, async (database) => {
      const all = [
        decision('z'),
        started('y', { at: 1500 }),
        decision('x', { at: 2000 }),
        started('w', { at: 2000, group: 'g' }),
        decision('a', { at: 2000, event: 'event of x', stage: 'budget' }),
      ];
      const { triggers } = database.read;
      assert.deepEqual(await triggers.starts('retrain', null, 1), []);
      await database.transaction(async (tx) => {
        await tx.triggers.insertDecisions(all);
        await tx.triggers.insertDecisions([decision('again', { event: 'event of x' }), started('other', { trigger: 'other', at: 9000 })]);
      });
      assert.deepStrictEqual((await triggers.decisions('retrain', { limit: 10 })).items, all.toReversed());
      const page = await triggers.decisions('retrain', { limit: 2 });
      const rest = await triggers.decisions('retrain', { limit: 9, after: page.next ?? '' });
      assert.deepStrictEqual([...page.items, ...rest.items], all.toReversed());
      assert.deepEqual(await triggers.starts('retrain', null, 5), [2000, 1500]);
      assert.deepEqual(await triggers.starts('retrain', '', 5), [1500]);
    }));

  test('of two that move the memory of a trigger at once, one wins', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const race = async (expected: number | undefined): Promise<number> =>
        (
          await Promise.all(
            Array.from({ length: 6 }, (_, at) =>
              (handles[at % 2] as Database).transaction((tx) => tx.triggers.putState({ ...state, nextFire: at }, expected)),
            ),
          )
        ).filter(Boolean).length;
      assert.deepEqual([await race(undefined), await race(0), await race(0)], [1, 1, 0]);
      assert.equal((await database.read.triggers.state('retrain'))?.revision, 1);
      assert.equal((await database.read.triggers.states()).length, 1);
    }));

  test('an event arrives once, however often it is told', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const won = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          (handles[at % 2] as Database).transaction((tx) => tx.arrivals.insert(arrival(`a${at}`, { event: 'same' }))),
        ),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(await database.read.arrivals.has('retrain', 'same'), true);
      assert.equal(await database.transaction((tx) => tx.arrivals.insert(arrival('o', { event: 'same', trigger: 'other' }))), true);
    }));

  test('what waits is told by group, and settled once', () =>
    withDatabase(open, async (database) => {
      const { arrivals } = database.read;
      const all = [
        arrival('a', { at: 10, dueAt: 30 }),
        arrival('b', { at: 20, dueAt: 20, schedule: { scheduledFor: 1, start: 0, end: 1 } }),
        arrival('c', { at: 30, group: 'g' }),
        arrival('d', { state: 'dropped' }),
      ];
      await database.transaction(async (tx) => {
        for (const one of all) await tx.arrivals.insert(one);
      });
      const groups = (await arrivals.waitingGroups()).toSorted((a, b) => (a.group < b.group ? -1 : 1));
      assert.deepStrictEqual(groups, [
        { trigger: 'retrain', group: '', count: 2, first: 10, last: 20, due: 20 },
        { trigger: 'retrain', group: 'g', count: 1, first: 30, last: 30, due: 1000 },
      ]);
      assert.deepStrictEqual(await arrivals.waiting('retrain', '', 9), [all[1], all[0]]);
      assert.equal(await arrivals.waitingCount('retrain'), 3);
      assert.deepEqual(
        [await arrivals.keySince('retrain', 'key of a', 10), await arrivals.keySince('retrain', 'key of a', 11)],
        [true, false],
      );
      const to = { state: 'started', stage: 'passed', reason: 'r', run: 'run' } as const;
      await database.transaction((tx) => tx.arrivals.settle(['a', 'b'], to));
      await database.transaction((tx) => tx.arrivals.settle(['a'], { ...to, run: 'late' }));
      assert.deepEqual(
        (await arrivals.ofRun('run', 9)).map(({ id }) => id),
        ['a', 'b'],
      );
      assert.deepEqual(await arrivals.ofRun('late', 9), []);
    }));

  test('backfills are asked once, and their partitions settled once', () =>
    withDatabase(open, async (database) => {
      const backfill: Backfill = {
        id: 'b1',
        pipeline: 'spam',
        specDigest: 'sha256:0',
        unit: 'daily',
        timezone: 'UTC',
        from: 0,
        to: 10,
        params: { a: '1' },
        concurrency: 2,
        order: 'oldest',
        force: true,
        state: 'running',
        actor: 'user:test',
        createdAt: 5,
        endedAt: null,
        revision: 0,
      };
      const parts = Array.from({ length: 5 }, (_, place): BackfillPartition => ({
        backfill: 'b1',
        place,
        name: `p${place}`,
        start: place,
        end: place + 1,
        run: null,
        state: 'waiting',
        reason: '',
      }));
      const insert = () => database.transaction((tx) => tx.backfills.insert(backfill, parts));
      assert.deepEqual([await insert(), await insert()], [true, false]);
      const { backfills } = database.read;
      assert.deepStrictEqual(await backfills.get('b1'), backfill);
      assert.deepStrictEqual(await backfills.running(), [backfill]);
      const settled = { ...(parts[0] as BackfillPartition), run: 'r', state: 'running' as const };
      const settle = () => database.transaction((tx) => tx.backfills.settle(settled));
      assert.deepEqual([await settle(), await settle()], [true, false]);
      assert.deepStrictEqual(await backfills.counts('b1'), { waiting: 4, running: 1 });
      assert.deepStrictEqual(await backfills.first('b1', 'waiting', 2), parts.slice(1, 3));
      const page = await backfills.partitions('b1', { limit: 3 });
      const rest = await backfills.partitions('b1', { limit: 3, after: page.next ?? '' });
      assert.deepStrictEqual([...page.items, ...rest.items], [settled, ...parts.slice(1)]);
      const refused = { ...(parts[1] as BackfillPartition), state: 'refused' as const, reason: 'no' };
      await database.transaction((tx) => tx.backfills.settle(refused));
      assert.deepStrictEqual(await backfills.counts('b1'), { waiting: 3, running: 1, refused: 1 });
      await database.transaction((tx) => tx.backfills.reset('b1'));
      assert.deepStrictEqual(await backfills.first('b1', 'waiting', 1), [parts[1]]);
      const update = () => database.transaction((tx) => tx.backfills.update({ ...backfill, state: 'ended', endedAt: 9 }, 0));
      assert.deepEqual([await update(), await update()], [true, false]);
      assert.deepEqual(
        [(await backfills.running()).length, (await backfills.list({ pipeline: 'spam', state: 'ended' }, { limit: 5 })).items.length],
        [0, 1],
      );
    }));
}
