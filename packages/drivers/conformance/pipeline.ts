import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Database, Digest, Pipeline, PipelineRun } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;

const pipeline: Pipeline = {
  name: 'spam',
  spec: {
    name: 'spam',
    experiment: 'spam',
    params: { rate: '0.1' },
    steps: [
      {
        name: 'train',
        run: 'node train.ts',
        inputs: { mail: { from: 'dataset', dataset: 'mail' } },
        outputs: { model: { type: 'model', dataset: null, name: 'model' } },
        params: ['rate'],
        code: ['train.ts'],
        after: [],
        retries: 1,
        timeoutMs: 60_000,
        cache: true,
      },
    ],
  },
  specDigest: digest,
  root: '/projects/spam',
  updatedAt: 1,
};

function run(id: string, change: Partial<PipelineRun> = {}): PipelineRun {
  return {
    id,
    pipeline: 'spam',
    spec: pipeline.spec,
    specDigest: digest,
    root: pipeline.root,
    params: { rate: '0.2' },
    datasets: { mail: 3 },
    cause: { type: 'manual', actor: 'user:ann', key: id, event: null, note: '' },
    options: {},
    state: 'running',
    createdAt: 1000,
    endedAt: null,
    revision: 1,
    ...change,
  };
}

export function testPipelineStore(open: Open): void {
  test('a pipeline is put, replaced and listed by name', () =>
    withDatabase(open, async (database) => {
      const { pipelines } = database.read;
      assert.equal(await pipelines.get('spam'), undefined);
      const changed: Pipeline = { ...pipeline, spec: { ...pipeline.spec, params: {} }, root: '/elsewhere', updatedAt: 2 };
      const odd = oddTexts.map((text, at) => ({
        ...pipeline,
        name: `odd ${at}`,
        root: text,
        spec: { ...pipeline.spec, params: { text } },
      }));
      await database.transaction(async (tx) => {
        await tx.pipelines.put(pipeline);
        await tx.pipelines.put(changed);
        for (const one of odd) await tx.pipelines.put(one);
      });
      assert.deepStrictEqual(await pipelines.get('spam'), changed);
      assert.deepStrictEqual(await pipelines.list(), [...odd, changed]);
    }));

  test('a cause starts one run of a pipeline, however many start it at once', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const cause = { type: 'trigger', actor: 'system:trigger', key: 'alert 7', event: 'e7', note: 'drift' } as const;
      const won = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          (handles[at % 2] as Database).transaction((tx) => tx.pipelines.insertRun(run(`r${at}`, { cause }))),
        ),
      );
      assert.equal(won.filter(Boolean).length, 1);
      const winner = run(`r${won.indexOf(true)}`, { cause });
      assert.deepStrictEqual(await database.read.pipelines.runByKey('spam', 'alert 7'), winner);
      assert.deepStrictEqual(await database.read.pipelines.run(winner.id), winner);
      assert.equal(await database.read.pipelines.runByKey('other', 'alert 7'), undefined);
      assert.equal(await database.transaction((tx) => tx.pipelines.insertRun(run('r9', { pipeline: 'other', cause }))), true);
      assert.equal(await database.transaction((tx) => tx.pipelines.insertRun(run('r9', { pipeline: 'third', cause }))), false);
    }));

  test('a run changes by compare-and-set: the second writer loses, and a rollback leaves nothing', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      await database.transaction((tx) => tx.pipelines.insertRun(run('r')));
      const ended = run('r', { state: 'succeeded', endedAt: 2000, revision: 2 });
      const canceled = run('r', { state: 'canceled', endedAt: 2000, revision: 2 });
      const won = await Promise.all([
        database.transaction((tx) => tx.pipelines.updateRun(ended, 1)),
        other.transaction((tx) => tx.pipelines.updateRun(canceled, 1)),
      ]);
      assert.equal(won.filter(Boolean).length, 1);
      const now = won[0] === true ? ended : canceled;
      assert.deepStrictEqual(await database.read.pipelines.run('r'), now);
      assert.equal(await database.transaction((tx) => tx.pipelines.updateRun(run('absent'), 1)), false);
      const broken = database.transaction(async (tx) => {
        assert.equal(await tx.pipelines.updateRun({ ...now, state: 'failed', revision: 3 }, 2), true);
        await tx.pipelines.insertRun(run('left'));
        throw new Error('rolled back');
      });
      await assert.rejects(broken, /rolled back/);
      assert.deepStrictEqual(await database.read.pipelines.run('r'), now);
      assert.equal(await database.read.pipelines.run('left'), undefined);
    }));

  test('runs are paged newest first, filtered by pipeline and state, and a strange cursor is refused', () =>
    withDatabase(open, async (database) => {
      const runs = Array.from({ length: 25 }, (_, at) =>
        run(`r${String(at).padStart(2, '0')}`, {
          pipeline: at % 3 === 0 ? 'ham' : 'spam',
          state: at % 2 === 0 ? 'running' : 'failed',
          // Several in one millisecond: the id decides.
          createdAt: 1000 + Math.floor(at / 4),
        }),
      );
      await database.transaction(async (tx) => {
        for (const one of runs.toSorted((a, b) => (a.cause.key.at(-1) ?? '').localeCompare(b.cause.key.at(-1) ?? ''))) {
          assert.equal(await tx.pipelines.insertRun(one), true);
        }
      });
      const { pipelines } = database.read;
      const newest = runs.toReversed();
      assert.deepStrictEqual(await allPages((page) => pipelines.runs({}, page), 7), newest);
      assert.deepStrictEqual(await allPages((page) => pipelines.runs({}, page), 5), newest);
      const { items, next } = await pipelines.runs({}, { limit: 25 });
      assert.equal(items.length, 25);
      assert.equal(next, undefined);
      const some = newest.filter((one) => one.pipeline === 'spam' && one.state === 'failed');
      assert.deepStrictEqual(await allPages((page) => pipelines.runs({ pipeline: 'spam', state: 'failed' }, page), 2), some);
      const running = newest.filter((one) => one.state === 'running');
      assert.deepStrictEqual(await allPages((page) => pipelines.runs({ state: 'running' }, page), 3), running);
      await assert.rejects(pipelines.runs({}, { limit: 5, after: 'nonsense' }), (error) => isFault(error, 'invalid_cursor'));
    }));
}
