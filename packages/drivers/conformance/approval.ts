import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelPolicy, StageRequest } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function request(id: string, change: Partial<StageRequest> = {}): StageRequest {
  return {
    id,
    model: 'spam',
    version: 1,
    stage: 'Production',
    alias: null,
    archiveOthers: null,
    reason: 'better',
    forced: null,
    state: 'pending',
    requestedBy: 'user:ann',
    requestedAt: 10,
    expiresAt: 100,
    decidedBy: null,
    decidedAt: null,
    note: '',
    revision: 1,
    ...change,
  };
}

export function testApprovalStore(open: Open): void {
  test('rules are written over by model', () =>
    withDatabase(open, async (database) => {
      const policy: ModelPolicy = { model: 'spam', approvals: {}, aliases: ['champion'], force: [], mostInProduction: 1 };
      const rule = { approvers: ['user:*'], fourEyes: true, expiresMs: 5 };
      await database.transaction((tx) => tx.approvals.putPolicy(policy));
      await database.transaction((tx) => tx.approvals.putPolicy({ ...policy, model: 'a', approvals: { Production: rule } }));
      await database.transaction((tx) => tx.approvals.putPolicy({ ...policy, mostInProduction: 2 }));
      const { approvals } = database.read;
      assert.equal(await approvals.policy('none'), undefined);
      assert.deepEqual(await approvals.policy('spam'), { ...policy, mostInProduction: 2 });
      assert.deepEqual(
        (await approvals.policies()).map(({ model }) => model),
        ['a', 'spam'],
      );
    }));

  test('a request comes back as it was written, and one move has one pending request', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      const full = request('r1', {
        alias: 'champion',
        archiveOthers: false,
        reason: oddTexts.join('\n'),
        forced: { actor: 'user:bob', reason: 'r', at: 3, verdict: 'FAIL' },
      });
      assert.equal(await database.transaction((tx) => tx.approvals.insertRequest(full)), true);
      assert.deepEqual(await other.read.approvals.request('r1'), full);
      const insert = (one: StageRequest, at = database): Promise<boolean> => at.transaction((tx) => tx.approvals.insertRequest(one));
      assert.equal(await insert(request('r2', { alias: 'champion' })), false);
      const made = await Promise.all([insert(request('r3')), insert(request('r4'), other)]);
      assert.equal(made.filter(Boolean).length, 1);
      assert.equal(await insert(request('r5', { version: 2 })), true);
      assert.equal(await insert(request('r6', { state: 'granted' })), true);
    }));

  test('of two who decide at once one does', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      await database.transaction((tx) => tx.approvals.insertRequest(request('r')));
      const decide = (at: typeof database, state: StageRequest['state']): Promise<boolean> =>
        at.transaction((tx) => tx.approvals.updateRequest(request('r', { state, decidedBy: 'user:bob', decidedAt: 20, revision: 2 }), 1));
      const won = await Promise.all([decide(database, 'granted'), decide(other, 'refused')]);
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal((await database.read.approvals.request('r'))?.state, won[0] ? 'granted' : 'refused');
      assert.equal(await database.transaction((tx) => tx.approvals.insertRequest(request('again'))), true);
    }));

  test('requests are listed newest first by model, version and state; overdue ones the longest over first', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        for (const [id, version, expiresAt] of [
          ['a', 1, 300],
          ['b', 2, 100],
          ['c', 3, 200],
        ] as const)
          await tx.approvals.insertRequest(request(id, { version, expiresAt, requestedAt: version }));
        await tx.approvals.insertRequest(request('d', { version: 3, requestedAt: 9, state: 'refused', expiresAt: 1 }));
        await tx.approvals.insertRequest(request('e', { model: 'other', requestedAt: 4 }));
      });
      const { approvals } = database.read;
      const list = async (filter: Parameters<typeof approvals.requests>[0]): Promise<string> => {
        let found = '';
        for (let after: string | undefined; ;) {
          const page = await approvals.requests(filter, after === undefined ? { limit: 2 } : { limit: 2, after });
          found += page.items.map(({ id }) => id).join('');
          if (page.next === undefined) return found;
          after = page.next;
        }
      };
      assert.equal(await list({}), 'decba');
      assert.equal(await list({ model: 'spam', state: 'pending' }), 'cba');
      assert.equal(await list({ model: 'spam', version: 3 }), 'dc');
      const overdue = async (now: number, limit = 9): Promise<string> => (await approvals.overdue(now, limit)).map(({ id }) => id).join('');
      assert.equal(await overdue(99), '');
      assert.equal(await overdue(200), 'bec');
      assert.equal(await overdue(300, 1), 'b');
    }));
}
