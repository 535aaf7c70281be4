import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Database, GateDecision, GateSpec } from '@pawl/core';
import { allPages, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const spec: GateSpec = {
  name: 'no worse',
  model: 'spam',
  label: 'spam',
  margin: 0.01,
  alpha: 0.05,
  floors: { f1: 0.9, maxFalsePositiveRate: null },
  baselineImprovement: 0.5,
};

function decision(id: string, change: Partial<GateDecision> = {}): GateDecision {
  return {
    id,
    gate: 'no worse',
    model: 'spam',
    candidate: 2,
    champion: 1,
    evaluation: { dataset: 'mail', version: 3 },
    verdict: 'PASS',
    checks: [{ name: 'non-inferiority', verdict: 'PASS', summary: '0.97 to 0.96', numbers: { p: 1.5e-9, pairs: [1, 2, 0.1] } }],
    at: 1000,
    forced: null,
    ...change,
  };
}

export function testGateStore(open: Open): void {
  test('a model has one gate, the last declared', () =>
    withDatabase(open, async (database) => {
      const ham: GateSpec = { ...spec, model: 'ham', floors: { f1: null, maxFalsePositiveRate: 0.001 } };
      const changed: GateSpec = { ...spec, name: 'renamed', margin: 0.02 };
      assert.equal(await database.read.gates.spec('spam'), undefined);
      await database.transaction(async (tx) => {
        await tx.gates.putSpec(spec);
        await tx.gates.putSpec(ham);
        await tx.gates.putSpec(changed);
      });
      assert.deepStrictEqual(await database.read.gates.spec('spam'), changed);
      assert.deepStrictEqual(await database.read.gates.specs(), [ham, changed]);
    }));

  test('a decision is inserted once, and the newest on a candidate is found', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const won = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (handles[at % 2] as Database).transaction((tx) => tx.gates.insert(decision('a', { champion: at === 0 ? null : at }))),
        ),
      );
      assert.equal(won.filter(Boolean).length, 1);
      const winner = won.indexOf(true);
      const first = decision('a', { champion: winner === 0 ? null : winner });
      assert.deepStrictEqual(await database.read.gates.decision('a'), first);
      assert.deepStrictEqual(await database.read.gates.latest('spam', 2), first);
      const again = decision('b', { verdict: 'INCONCLUSIVE', at: 1001 });
      await database.transaction(async (tx) => {
        await tx.gates.insert(again);
        await tx.gates.insert(decision('c', { at: 900, verdict: 'FAIL' }));
        await tx.gates.insert(decision('d', { at: 2000, candidate: 3 }));
        await tx.gates.insert(decision('e', { at: 2000, model: 'ham' }));
      });
      assert.deepStrictEqual(await database.read.gates.latest('spam', 2), again);
      assert.equal(await database.read.gates.latest('spam', 9), undefined);
      assert.equal(await database.read.gates.decision('z'), undefined);
    }));

  test('a force is recorded on its decision only', () =>
    withDatabase(open, async (database) => {
      const force = { actor: 'user:ann', reason: 'the label was wrong', at: 5000 };
      await database.transaction(async (tx) => {
        await tx.gates.insert(decision('a', { verdict: 'FAIL' }));
        await tx.gates.insert(decision('b', { verdict: 'FAIL' }));
        await tx.gates.setForced('a', force);
        await tx.gates.setForced('absent', force);
      });
      assert.deepStrictEqual(await database.read.gates.decision('a'), decision('a', { verdict: 'FAIL', forced: force }));
      assert.deepStrictEqual(await database.read.gates.decision('b'), decision('b', { verdict: 'FAIL' }));
    }));

  test('decisions are paged newest first', () =>
    withDatabase(open, async (database) => {
      const all = Array.from({ length: 17 }, (_, at) =>
        decision(`d${10 + at}`, { at: 1000 + Math.floor(at / 3), model: at % 2 === 0 ? 'spam' : 'ham' }),
      );
      await database.transaction(async (tx) => {
        for (const one of all) await tx.gates.insert(one);
      });
      const { gates } = database.read;
      assert.deepStrictEqual(await allPages((page) => gates.list(undefined, page), 4), all.toReversed());
      const ham = all.filter((one) => one.model === 'ham').toReversed();
      assert.deepStrictEqual(await allPages((page) => gates.list('ham', page), 2), ham);
      await assert.rejects(gates.list('ham', { limit: 2, after: 'WyJhIl0' }), (error) => isFault(error, 'invalid_cursor'));
    }));
}
