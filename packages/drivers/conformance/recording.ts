import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleText, Database, DatasetVersion, Digest, Recording, Run, RunUsage } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const base: Recording = {
  run: 'r',
  command: 'python train.py',
  host: 'box',
  machine: null,
  state: 'open',
  report: 0,
  openedAt: 1000,
  heardAt: 1000,
  leaseMs: 500,
  exitCode: null,
  signal: null,
  console: { last: 0, headBytes: 0, tailBytes: 0 },
};

const usage: RunUsage = {
  run: 'r',
  source: '',
  attempt: 1,
  task: null,
  machine: 'big',
  wallMs: 10,
  cpuMs: 20,
  peakMemoryBytes: 30,
  memoryByteSeconds: 40.5,
  readBytes: 50,
  writeBytes: 60,
  gpuMs: 0,
  cost: 0.1,
  currency: 'EUR',
};

const lines = (...texts: readonly string[]): ConsoleText[] => texts.map((text, at) => ({ time: 100 + at, stream: 'stdout', text }));

async function addRun(database: Database, id: string, startedAt: number): Promise<void> {
  await database.transaction(async (tx) => {
    const experiment = await tx.experiments.ensure('e', 1);
    const run: Run = {
      id,
      experiment: experiment.id,
      name: `name of ${id}`,
      status: 'running',
      startedAt,
      endedAt: null,
      code: null,
      environment: { node: '1' },
      user: '',
      lifecycle: 'active',
      artifactUri: '',
      params: {},
      tags: {},
    };
    await tx.runs.insert(run);
  });
}

function version(number: number, manifest: Digest): DatasetVersion {
  return {
    dataset: 'mail',
    version: number,
    manifest,
    files: 1,
    bytes: 1,
    tables: [],
    message: '',
    author: 'user:a',
    createdAt: 1,
    parent: null,
    status: 'unchecked',
    task: null,
    branch: 'main',
    mergedFrom: null,
    source: null,
    expiredAt: null,
  };
}

export function testRecordingStore(open: Open): void {
  test('a recording is put, and put again over what it was', () =>
    withDatabase(open, async (database) => {
      assert.equal(await database.read.recordings.get('r'), undefined);
      await database.transaction((tx) => tx.recordings.put(base));
      assert.deepStrictEqual(await database.read.recordings.get('r'), base);
      const later: Recording = {
        ...base,
        machine: 'big',
        state: 'ended',
        report: 7,
        heardAt: 2000,
        exitCode: 3,
        signal: 'SIGTERM',
        console: { last: 5, headBytes: 6, tailBytes: 7 },
      };
      await database.transaction((tx) => tx.recordings.put(later));
      assert.deepStrictEqual(await database.read.recordings.get('r'), later);
    }));

  test('only open recordings go silent, when their own lease has ended', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.recordings.put({ ...base, run: 'late', heardAt: 900 });
        await tx.recordings.put({ ...base, run: 'patient', heardAt: 100, leaseMs: 10_000 });
        await tx.recordings.put({ ...base, run: 'ended', heardAt: 100, state: 'ended' });
        await tx.recordings.put({ ...base, run: 'older', heardAt: 800 });
      });
      const silent = async (now: number, limit = 10) => (await database.read.recordings.silent(now, limit)).map(({ run }) => run);
      assert.deepEqual(await silent(1300), []);
      assert.deepEqual(await silent(1301), ['older']);
      assert.deepEqual(await silent(1401), ['older', 'late']);
      assert.deepEqual(await silent(1401, 1), ['older']);
    }));

  test('lines are read from any place, over chunks and gaps, and from the end', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.recordings.append('r', { first: 1, lines: lines('a', 'b', 'c') }, 'head', 3);
        await tx.recordings.append('r', { first: 4, lines: [{ time: 9, stream: 'stderr', text: 'd' }] }, 'tail', 1);
        await tx.recordings.append('r', { first: 10, lines: lines('x', 'y') }, 'tail', 2);
        await tx.recordings.append('other', { first: 1, lines: lines('z') }, 'head', 1);
      });
      const { read } = database;
      const seqs = async (after: number, limit: number) => (await read.recordings.lines('r', after, limit)).map(({ seq }) => seq);
      assert.deepEqual(await seqs(0, 10), [1, 2, 3, 4, 10, 11]);
      assert.deepEqual(await seqs(2, 3), [3, 4, 10]);
      assert.deepEqual(await seqs(5, 1), [10]);
      assert.deepEqual(await seqs(11, 10), []);
      assert.deepEqual(await read.recordings.lines('r', 3, 1), [{ seq: 4, time: 9, stream: 'stderr', text: 'd' }]);
      assert.deepEqual(
        (await read.recordings.tail('r', 3)).map(({ text }) => text),
        ['d', 'x', 'y'],
      );
      assert.deepEqual(await read.recordings.tail('none', 3), []);
    }));

  test('lines keep any text', () =>
    withDatabase(open, async (database) => {
      const texts = [...oddTexts, 'nul \u0000 here', 'half \ud800 pair'];
      await database.transaction((tx) => tx.recordings.append('r', { first: 1, lines: lines(...texts) }, 'head', 1));
      assert.deepEqual(
        (await database.read.recordings.lines('r', 0, 100)).map(({ text }) => text),
        texts,
      );
    }));

  test('the oldest of the tail is dropped, no more of it than needed, and the head never', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.recordings.append('r', { first: 1, lines: lines('head') }, 'head', 100);
        for (let seq = 2; seq <= 500; seq += 1) await tx.recordings.append('r', { first: seq, lines: lines(`${seq}`) }, 'tail', 10);
      });
      const drop = (bytes: number) => database.transaction((tx) => tx.recordings.dropTail('r', bytes));
      assert.equal(await drop(11), 20);
      assert.deepEqual(
        (await database.read.recordings.lines('r', 0, 2)).map(({ seq }) => seq),
        [1, 4],
      );
      assert.equal(await drop(3000), 3000);
      assert.deepEqual(
        (await database.read.recordings.lines('r', 0, 2)).map(({ seq }) => seq),
        [1, 304],
      );
      assert.equal(await drop(1e9), 1970);
      assert.deepEqual(
        (await database.read.recordings.lines('r', 0, 5)).map(({ text }) => text),
        ['head'],
      );
    }));

  test('use is kept by source and attempt, the last word of each', () =>
    withDatabase(open, async (database) => {
      const unknown = { cpuMs: null, peakMemoryBytes: null, memoryByteSeconds: null, readBytes: null, writeBytes: null };
      const step: RunUsage = { ...usage, ...unknown, source: 'train', attempt: 2, task: 't', machine: null, cost: null, currency: null };
      await database.transaction(async (tx) => {
        await tx.recordings.putUsage(step);
        await tx.recordings.putUsage({ ...step, attempt: 1 });
        await tx.recordings.putUsage({ ...usage, wallMs: 1, memoryByteSeconds: 0.25 });
        await tx.recordings.putUsage(usage);
      });
      assert.deepStrictEqual(await database.read.recordings.usage('r'), [usage, { ...step, attempt: 1 }, step]);
    }));

  test('surroundings are added to a run, and what is not told stays', () =>
    withDatabase(open, async (database) => {
      await addRun(database, 'r', 1);
      const code = { commit: 'abc', branch: null, patch: null };
      await database.transaction((tx) => tx.recordings.setSurroundings('r', { code }));
      await database.transaction((tx) => tx.recordings.setSurroundings('r', { environment: { python: '3' } }));
      const run = await database.read.runs.head('r');
      assert.deepEqual([run?.code, run?.environment], [code, { node: '1', python: '3' }]);
      await assert.rejects(
        database.transaction((tx) => tx.recordings.setSurroundings('none', {})),
        { code: 'run_not_found' },
      );
    }));

  test('the runs that read a version are listed newest first, page by page', () =>
    withDatabase(open, async (database) => {
      for (const [id, startedAt] of [
        ['a', 1],
        ['b', 3],
        ['c', 2],
        ['gone', 4],
      ] as const)
        await addRun(database, id, startedAt);
      await database.transaction(async (tx) => {
        for (const id of ['a', 'b', 'c', 'gone']) await tx.runs.record(id, { inputs: [{ dataset: 'mail', version: 2, role: 'training' }] });
        await tx.runs.record('b', {
          inputs: [
            { dataset: 'mail', version: 2, role: 'test' },
            { dataset: 'mail', version: 1, role: 'old' },
          ],
        });
        await tx.runs.move('gone', 'deleted', 5);
      });
      const users = await allPages((page) => database.read.recordings.users({ dataset: 'mail', version: 2 }, page), 2);
      assert.deepEqual(
        users.map(({ run, role }) => `${run} ${role}`),
        ['b training', 'b test', 'c training', 'a training'],
      );
      const { run, name, status, startedAt } = users[0] ?? {};
      assert.deepEqual([run, name, status, startedAt], ['b', 'name of b', 'running', 3]);
    }));

  test('a version is found by the beginning of its digest, the newest of equal ones', () =>
    withDatabase(open, async (database) => {
      const manifest: Digest = `sha256:${'ab'.repeat(32)}`;
      await database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        await tx.datasets.insertVersion(version(1, manifest));
        await tx.datasets.insertVersion(version(2, `sha256:${'cd'.repeat(32)}`));
        await tx.datasets.insertVersion(version(3, manifest));
      });
      const find = (hex: string, dataset = 'mail') => database.read.recordings.versionByDigest(dataset, hex);
      assert.deepEqual(await find('ab'.repeat(16)), { dataset: 'mail', version: 3 });
      assert.deepEqual(await find('cd'.repeat(32)), { dataset: 'mail', version: 2 });
      assert.equal(await find('ef'.repeat(16)), undefined);
      assert.equal(await find('ab'.repeat(16), 'other'), undefined);
    }));

  test('of two that report the same at once, one is taken', () =>
    withDatabase(open, async (database, opened) => {
      await database.transaction((tx) => tx.recordings.put(base));
      const take = (handle: Database) =>
        handle.transaction(async (tx) => {
          const stored = await tx.recordings.get('r');
          if (stored === undefined || stored.report >= 1) return 0;
          await tx.recordings.append('r', { first: 1, lines: lines('once') }, 'head', 1);
          await tx.recordings.put({ ...stored, report: 1 });
          return 1;
        });
      const other = await opened.another();
      const taken = await Promise.all([take(database), take(other), take(database), take(other)]);
      assert.equal(
        taken.reduce<number>((sum, one) => sum + one, 0),
        1,
      );
      assert.equal((await database.read.recordings.lines('r', 0, 10)).length, 1);
    }));
}
