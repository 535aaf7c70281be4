import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, DeletedKind, Digest, GcRun, Run, Writers } from '@pawl/core';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const none: ReadonlySet<string> = new Set();

function run(id: string, experiment: number, patch: Digest | null = null): Run {
  const code = patch === null ? null : { commit: 'c', branch: null, patch };
  const head = {
    id,
    experiment,
    name: `name ${id}`,
    status: 'finished',
    startedAt: 1,
    endedAt: 2,
    code,
    environment: {},
    user: '',
  } as const;
  return { ...head, lifecycle: 'active', artifactUri: '', params: { a: '1' }, tags: {} };
}

async function deleted(database: Database, kind: DeletedKind, before: number): Promise<string> {
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await database.read.gc.deleted(kind, before, after === undefined ? { limit: 1 } : { limit: 1, after });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === undefined) return ids.join(' ');
    after = page.next;
  }
}

export function testGcStore(open: Open): void {
  /** Experiment 1 with runs a and b, experiment 2 with c. */
  const fill = async (tx: Writers): Promise<void> => {
    await tx.experiments.ensure('one', 1);
    await tx.experiments.ensure('two', 1);
    await tx.runs.insert(run('a', 1, digest('a')));
    await tx.runs.insert(run('b', 1));
    await tx.runs.insert(run('c', 2));
    const metrics = [1, 2, 3].map((step) => ({ run: 'a', key: 'loss', value: 0.5, step, time: step }));
    await tx.runs.record('a', { metrics, artifacts: [{ run: 'a', path: 'f', digest: digest('f'), size: 3 }], tags: { t: 'x' } });
  };

  test('finds what was deleted long enough ago, and what fell with its experiment', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await fill(tx);
        await tx.runs.move('a', 'deleted', 100);
        await tx.runs.move('b', 'deleted', 200);
      });
      assert.equal(await deleted(database, 'run', 99), '');
      assert.equal(await deleted(database, 'run', 100), 'a');
      assert.equal(await deleted(database, 'run', 200), 'a b');
      await database.transaction(async (tx) => {
        await tx.runs.move('b', 'active', 250);
        await tx.experiments.update(2, { lifecycle: 'deleted', updatedAt: 300 });
        await tx.runs.moveAll(2, 'deleted', 300);
      });
      assert.equal(await deleted(database, 'run', 299), 'a');
      assert.equal(await deleted(database, 'run', 300), 'a c');
      assert.equal(await deleted(database, 'experiment', 299), '');
      const { items } = await database.read.gc.deleted('experiment', 300, { limit: 9 });
      assert.deepEqual(items, [{ id: '2', name: 'two', deletedAt: 300 }]);
    }));

  test('removes a deleted run with all that was logged, its metrics piece by piece, and never one that was restored', () =>
    withDatabase(open, async (database) => {
      await database.transaction(fill);
      const remove = (kind: DeletedKind, id: string): Promise<boolean> => database.transaction((tx) => tx.gc.remove(kind, id));
      assert.equal(await remove('run', 'a'), false);
      await database.transaction((tx) => tx.runs.move('a', 'deleted', 5));
      assert.equal(await remove('run', 'a'), true);
      assert.equal(await remove('run', 'a'), false);
      assert.equal(await database.read.runs.get('a'), undefined);
      assert.equal((await database.read.artifacts.below({ tree: 'run/a', path: '' })).length, 0);
      const finish = (): Promise<number> => database.transaction((tx) => tx.gc.finish(2));
      const left = async (): Promise<number> => (await database.read.runs.metricHistory('a', 'loss')).length;
      assert.equal(await left(), 3);
      assert.ok((await finish()) > 0);
      assert.equal(await left(), 1);
      while ((await finish()) > 0);
      assert.equal((await database.read.runs.metricHistory('a', 'loss')).length, 0);
      assert.ok(await database.read.runs.get('b'));
    }));

  test('frees the name of a removed experiment and never gives its number again', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await fill(tx);
        await tx.experiments.update(2, { lifecycle: 'deleted', updatedAt: 9 });
        await tx.runs.moveAll(2, 'deleted', 9);
      });
      assert.deepEqual(await database.read.gc.hold('experiment', '2', none), { kind: 'run', name: 'c' });
      assert.equal(await database.read.gc.hold('experiment', '2', new Set(['run/c'])), undefined);
      await database.transaction(async (tx) => {
        await tx.gc.remove('run', 'c');
        assert.equal(await tx.gc.remove('experiment', '1'), false);
        assert.equal(await tx.gc.remove('experiment', '2'), true);
      });
      const again = await database.transaction((tx) => tx.experiments.ensure('two', 20));
      assert.equal(again.id, 3);
    }));

  test('tells what refers to a run: its logged models, its children, its pipeline run', () =>
    withDatabase(open, async (database) => {
      const hold = (condemned = none) => database.read.gc.hold('run', 'a', condemned);
      await database.transaction(fill);
      assert.equal(await hold(), undefined);
      await database.transaction((tx) => tx.runs.record('b', { tags: { 'mlflow.parentRunId': 'a' } }));
      assert.deepEqual(await hold(), { kind: 'child run', name: 'b' });
      assert.equal(await hold(new Set(['run/b'])), undefined);
      const model = { experiment: 1, name: 'm', type: '', status: 'ready', createdAt: 1, updatedAt: 1, params: {}, tags: {} } as const;
      await database.transaction((tx) => tx.loggedModels.insert({ ...model, id: 'm-1', run: 'a' }));
      assert.deepEqual(await hold(), { kind: 'logged model', name: 'm-1' });
      await database.transaction((tx) => tx.runs.record('c', { modelInputs: ['m-1'] }));
      assert.deepEqual(await database.read.gc.hold('logged model', 'm-1', none), { kind: 'run', name: 'c' });
      assert.equal(await database.read.gc.hold('logged model', 'm-1', new Set(['run/c'])), undefined);
    }));

  test('lists the content that records name, with who owns it', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await fill(tx);
        await tx.artifacts.insertUpload({ id: 'u', token: 't', tree: 'run/b', path: 'p', createdAt: 1 }, 0);
        for (const number of [1, 2]) await tx.artifacts.putPart('u', { number, digest: digest(String(number)), size: 1 });
      });
      const all = async (kind: 'artifact' | 'part' | 'patch' | 'profile'): Promise<unknown[]> => {
        const found: unknown[] = [];
        for (let after: string | undefined; ;) {
          const page = await database.read.gc.digests(kind, after === undefined ? { limit: 1 } : { limit: 1, after });
          found.push(...page.items);
          if (page.next === undefined) return found;
          after = page.next;
        }
      };
      assert.deepEqual(await all('artifact'), [{ owner: 'run/a', digest: digest('f') }]);
      assert.deepEqual(await all('part'), [
        { owner: 'run/b', digest: digest('1') },
        { owner: 'run/b', digest: digest('2') },
      ]);
      assert.deepEqual(await all('patch'), [{ owner: 'run/a', digest: digest('a') }]);
      assert.deepEqual(await all('profile'), []);
    }));

  test('keeps the record of collections, newest first', () =>
    withDatabase(open, async (database) => {
      const options = { olderThanMs: 1, graceMs: 2, dryRun: false };
      const amounts = { lines: [], waiting: { count: 0, bytes: 0 }, kept: { count: 0, bytes: 0 } };
      const one = (id: string, startedAt: number): GcRun => ({
        ...amounts,
        id,
        options,
        state: 'running',
        phase: 'p',
        problem: '',
        startedAt,
        endedAt: null,
        actor: 'user:a',
      });
      await database.transaction(async (tx) => {
        await tx.gc.putRun(one('x', 1));
        await tx.gc.putRun(one('y', 2));
        await tx.gc.putRun({ ...one('x', 1), state: 'done', endedAt: 5 });
      });
      assert.deepEqual(await database.read.gc.run('x'), { ...one('x', 1), state: 'done', endedAt: 5 });
      const first = await database.read.gc.runs({ limit: 1 });
      assert.deepEqual(
        first.items.map(({ id }) => id),
        ['y'],
      );
      const next = await database.read.gc.runs({ limit: 1, after: first.next ?? '' });
      assert.deepEqual(
        next.items.map(({ id }) => id),
        ['x'],
      );
    }));
}
