import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, NewEvent, PredictionRecord } from '@pawl/core';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function prediction(id: string, time: number, endpoint = 'spam'): PredictionRecord {
  const of = { id, row: 0, endpoint, model: 'spam', version: 1, rollout: null, arm: 'stable', time } as const;
  const rest = { candidateWeight: null, keyHash: null, requestId: null, latencyMs: 1, decided: true, code: 'ok', inputs: {}, outputs: {} };
  return { ...of, ...rest };
}

const label = (id: string, value: boolean, time: number) => ({ endpoint: 'spam', prediction: id, row: 0, value, time });

function event(id: string, time: number): NewEvent {
  return { id, type: 'model.created', subject: `model/${id}`, time, actor: 'user:ann', data: {} };
}

const all = async ({ read }: Database) => read.retention.predictions(0, 100);

export function testRetentionStore(open: Open): void {
  test('tells predictions in the order of their numbers, each with the last change of its label', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.predictions.insert([prediction('a', 10), prediction('b', 5, 'other'), prediction('c', 30)]);
        await tx.predictions.putLabels([label('a', true, 1)]);
        await tx.predictions.putLabels([label('a', false, 2), label('c', true, 1), label('never', true, 7)]);
      });
      const rows = await all(database);
      assert.deepEqual(
        rows.map(({ endpoint, time }) => [endpoint, time]),
        [
          ['spam', 10],
          ['other', 5],
          ['spam', 30],
        ],
      );
      const changes = (await database.read.predictions.labelsAfter(0, 10)).map(({ label: { seq } }) => seq);
      assert.deepEqual(
        rows.map(({ lastChange }) => lastChange),
        [changes[1], null, changes[2]],
      );
      assert.deepEqual(await database.read.retention.predictions(rows[0]?.seq ?? 0, 1), [rows[1]]);
      assert.equal((await database.read.retention.newest()).prediction, rows[2]?.seq);
    }));

  test('removes predictions with their labels, but not those whose label was not read', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.predictions.insert([prediction('a', 1), prediction('b', 2), prediction('c', 3)]);
        await tx.predictions.putLabels([label('a', true, 1)]);
        await tx.predictions.putLabels([label('b', true, 1)]);
      });
      const rows = await all(database);
      const seqs = rows.map(({ seq }) => seq);
      const read = rows[0]?.lastChange ?? 0;
      assert.equal(await database.transaction((tx) => tx.retention.removePredictions(seqs, read)), 2);
      assert.deepEqual(
        (await all(database)).map(({ seq }) => seq),
        [seqs[1]],
      );
      assert.equal(await database.read.predictions.label('a', 0), undefined);
      assert.equal((await database.read.predictions.label('b', 0))?.joined, true);
      assert.deepEqual(
        (await database.read.predictions.labelsAfter(0, 10)).map(({ prediction: { id } }) => id),
        ['b'],
      );
      assert.equal(await database.transaction((tx) => tx.retention.removePredictions(seqs, Infinity)), 1);
      // Numbers are not given again: a reader that stands behind the last one would miss what gets it.
      await database.transaction((tx) => tx.predictions.insert([prediction('d', 4)]));
      assert.ok(((await all(database))[0]?.seq ?? 0) > (seqs[2] ?? 0));
    }));

  test('two that remove the same count each prediction once', () =>
    withDatabase(open, async (database, opened) => {
      const another = await opened.another();
      await database.transaction((tx) => tx.predictions.insert(Array.from({ length: 200 }, (_, index) => prediction(`p${index}`, index))));
      const seqs = (await database.read.retention.predictions(0, 500)).map(({ seq }) => seq);
      const counts = await Promise.all(
        [database, another].map((one) => one.transaction((tx) => tx.retention.removePredictions(seqs, Infinity))),
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        200,
      );
      assert.deepEqual(await all(database), []);
    }));

  test('labels that wait go by their age, joined ones stay', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.predictions.insert([prediction('a', 1)]);
        await tx.predictions.putLabels([label('a', true, 1), label('x', true, 1), label('y', true, 2), label('z', true, 9)]);
      });
      assert.equal(await database.read.retention.waitingLabels(9), 2);
      const remove = (limit: number) => database.transaction((tx) => tx.retention.removeWaitingLabels(9, limit));
      assert.deepEqual([await remove(1), await remove(5), await remove(5)], [1, 1, 0]);
      assert.notEqual(await database.read.predictions.label('a', 0), undefined);
      assert.notEqual(await database.read.predictions.label('z', 0), undefined);
    }));

  test('events go by number, and cursors tell how far each reader is', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.events.append([event('a', 1), event('b', 2), event('c', 3)]);
        await tx.events.moveCursor('gate', 0, 2);
        await tx.events.moveCursor('webhook outbox', 0, 1);
      });
      assert.deepEqual(await database.read.retention.cursors(), [
        { name: 'gate', seq: 2 },
        { name: 'webhook outbox', seq: 1 },
      ]);
      const events = await database.read.retention.events(0, 10);
      assert.deepEqual(
        events.map(({ time }) => time),
        [1, 2, 3],
      );
      const { event: newest } = await database.read.retention.newest();
      assert.equal(newest, events[2]?.seq);
      assert.equal(await database.transaction((tx) => tx.retention.removeEvents(events.slice(0, 2).map(({ seq }) => seq))), 2);
      assert.deepEqual(
        (await database.read.events.after(0, 10)).map(({ id }) => id),
        ['c'],
      );
    }));

  test('logs go by the end of what wrote them, in parts', () =>
    withDatabase(open, async (database) => {
      const base = { command: 'c', host: 'h', machine: null, report: 1, openedAt: 1, leaseMs: 1, exitCode: 0, signal: null };
      const recording = (run: string, state: 'ended' | 'open', heardAt: number) => ({
        ...base,
        run,
        state,
        heardAt,
        console: { last: 3, headBytes: 3, tailBytes: 0 },
      });
      await database.transaction(async (tx) => {
        await tx.recordings.put(recording('old', 'ended', 10));
        await tx.recordings.put(recording('young', 'ended', 90));
        await tx.recordings.put(recording('open', 'open', 10));
        for (const run of ['old', 'young', 'open'])
          for (const seq of [1, 2, 3])
            await tx.recordings.append(run, { first: seq, lines: [{ time: 1, stream: 'stdout', text: 'x' }] }, 'head', 1);
        await tx.tasks.appendLogs([{ task: 't', seq: 1, attempt: 1, time: 1, stream: 'stdout', text: 'x' }]);
      });
      assert.deepEqual(await database.read.retention.logs('console log', 50, '', 10), ['old']);
      assert.deepEqual(await database.read.retention.logs('console log', 100, 'old', 10), ['young']);
      // Of a task that is not there nothing tells when it ended.
      assert.deepEqual(await database.read.retention.logs('step log', 100, '', 10), []);
      const remove = () => database.transaction((tx) => tx.retention.removeLog('console log', 'old', 2));
      assert.deepEqual([await remove(), await remove(), await remove()], [2, 1, 0]);
      assert.deepEqual(await database.read.retention.logs('console log', 50, '', 10), []);
      assert.equal((await database.read.recordings.lines('young', 0, 10)).length, 3);
      assert.equal(await database.transaction((tx) => tx.retention.removeLog('step log', 't', 10)), 1);
      assert.deepEqual(await database.read.tasks.logs('t', 0, 10), []);
    }));
}
