import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, TriggerDecision, TriggerSpec } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const spec: TriggerSpec = {
  name: 'retrain',
  pipeline: 'spam',
  monitor: 'spam',
  kinds: ['drift', 'quality'],
  cooldownMs: 3_600_000,
  params: { rate: '0.1' },
};

function decision(id: string, change: Partial<TriggerDecision> = {}): TriggerDecision {
  return {
    id,
    trigger: 'retrain',
    event: `event of ${id}`,
    decision: 'suppressed',
    reason: 'cooling down',
    run: null,
    at: 1000,
    ...change,
  };
}

const started = (id: string, change: Partial<TriggerDecision> = {}): TriggerDecision =>
  decision(id, { decision: 'started', reason: '', run: `run of ${id}`, ...change });

export function testTriggerStore(open: Open): void {
  test('triggers are declared, replaced and listed by name', () =>
    withDatabase(open, async (database) => {
      const changed: TriggerSpec = { ...spec, kinds: [], params: {} };
      const odd = oddTexts.map((text, at) => ({ ...spec, name: `odd ${at}`, params: { text } }));
      assert.equal(await database.read.triggers.get('retrain'), undefined);
      await database.transaction(async (tx) => {
        for (const one of [spec, ...odd, changed]) await tx.triggers.put(one);
      });
      assert.deepStrictEqual(await database.read.triggers.get('retrain'), changed);
      assert.deepStrictEqual(await database.read.triggers.list(), [...odd, changed]);
    }));

  test('a trigger decides once on an event, however often the event reaches it', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const won = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          (handles[at % 2] as Database).transaction((tx) => tx.triggers.insertDecision(started(`d${at}`, { event: 'same' }))),
        ),
      );
      assert.equal(won.filter(Boolean).length, 1);
      const first = started(`d${won.indexOf(true)}`, { event: 'same' });
      assert.deepStrictEqual(await database.read.triggers.decisions('retrain', 10), [first]);
      const other = started('other', { event: 'same', trigger: 'other' });
      assert.equal(await database.transaction((tx) => tx.triggers.insertDecision(other)), true);
    }));

  test('decisions come newest first, also of one millisecond, and the last start is told', () =>
    withDatabase(open, async (database) => {
      const all = [
        decision('z'),
        started('y', { at: 1500 }),
        decision('x', { at: 2000 }),
        started('w', { at: 2000 }),
        decision('a', { at: 2000 }),
      ];
      assert.equal(await database.read.triggers.lastStart('retrain'), undefined);
      await database.transaction(async (tx) => {
        for (const one of all) assert.equal(await tx.triggers.insertDecision(one), true);
        await tx.triggers.insertDecision(started('other', { trigger: 'other', at: 9000 }));
      });
      const { triggers } = database.read;
      assert.deepStrictEqual(await triggers.decisions('retrain', 10), all.toReversed());
      assert.deepStrictEqual(await triggers.decisions('retrain', 2), all.toReversed().slice(0, 2));
      assert.equal(await triggers.lastStart('retrain'), 2000);
    }));

  test('pending are the suppressed decisions that no later start has answered', () =>
    withDatabase(open, async (database) => {
      const { triggers } = database.read;
      const add = (...decisions: readonly TriggerDecision[]): Promise<void> =>
        database.transaction(async (tx) => {
          for (const one of decisions) await tx.triggers.insertDecision(one);
        });
      await add(decision('a'), decision('b'));
      assert.deepStrictEqual(await triggers.pending('retrain'), [decision('a'), decision('b')]);
      await add(started('c'), decision('d'), decision('e', { trigger: 'other' }));
      assert.deepStrictEqual(await triggers.pending('retrain'), [decision('d')]);
      await add(started('f', { trigger: 'other' }), decision('g'));
      assert.deepStrictEqual(await triggers.pending('retrain'), [decision('d'), decision('g')]);
      await add(started('h'));
      assert.deepStrictEqual(await triggers.pending('retrain'), []);
    }));
}
