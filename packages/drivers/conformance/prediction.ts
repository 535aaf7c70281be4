import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, Label, PredictionReader, PredictionRecord, StoredPrediction } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function record(id: string, change: Partial<PredictionRecord> = {}): PredictionRecord {
  return {
    id,
    row: 0,
    endpoint: 'spam',
    model: 'spam',
    version: 2,
    rollout: 'r',
    arm: 'candidate',
    candidateWeight: 0.1,
    keyHash: '0123456789abcd',
    requestId: 'mine',
    time: 1_700_000_000_123,
    latencyMs: 1.625,
    decided: true,
    code: 'ok',
    inputs: { length: 120, subject: 'hello', html: false, sender: null },
    outputs: { label: true, score: 0.123456789012345 },
    ...change,
  };
}

function label(prediction: string, value: boolean, time: number, change: Partial<Label> = {}): Label {
  return { endpoint: 'spam', prediction, row: 0, value, time, ...change };
}

/** What was given to the store: the record without the number it got. */
function withoutSeq(stored: StoredPrediction): PredictionRecord {
  const { seq, ...given } = stored;
  assert.ok(seq > 0);
  return given;
}

/** Every change of a label as a reader meets it: place, value, what it replaced. */
async function changes(reader: PredictionReader, limit = 1000): Promise<readonly string[]> {
  const seen: string[] = [];
  let seq = 0;
  for (;;) {
    const next = await reader.labelsAfter(seq, limit);
    for (const { label: one, prediction } of next) {
      assert.ok(one.seq > seq && one.joined);
      assert.deepEqual([one.prediction, one.row, one.endpoint], [prediction.id, prediction.row, prediction.endpoint]);
      seq = one.seq;
      seen.push(`${one.prediction}/${one.row} ${one.value} at ${one.time} for ${one.replaced}`);
    }
    if (next.length < limit) return seen;
  }
}

export function testPredictionStore(open: Open): void {
  const insert = (database: Database, ...records: readonly PredictionRecord[]): Promise<void> =>
    database.transaction((tx) => tx.predictions.insert(records));
  const put = (database: Database, ...labels: readonly Label[]): Promise<void> =>
    database.transaction((tx) => tx.predictions.putLabels(labels));

  test('predictions come back whole, in the order they were written, and each (id, row) once', () =>
    withDatabase(open, async (database) => {
      const plain = record('b', { rollout: null, arm: 'stable', candidateWeight: null, keyHash: null, requestId: null, latencyMs: 0 });
      const odd = oddTexts.map((text, row) => record('odd', { row, requestId: text, inputs: { text }, outputs: {} }));
      const all = [record('b', { row: 1 }), plain, record('a', { code: 'prediction_failed' }), ...odd];
      await insert(database, ...all);
      await insert(database, record('a', { code: 'other' }), record('c'), record('c', { code: 'second in one call' }));
      await insert(database);
      const { predictions } = database.read;
      const stored = await predictions.after(0, 1000);
      assert.deepStrictEqual(stored.map(withoutSeq), [...all, record('c')]);
      assert.ok(stored.every((one, at) => at === 0 || one.seq > (stored[at - 1]?.seq ?? 0)));
      const third = stored[2]?.seq ?? 0;
      assert.deepStrictEqual(await predictions.after(third, 2), stored.slice(3, 5));
      assert.deepStrictEqual((await predictions.get('b')).map(withoutSeq), [plain, all[0]]);
      assert.deepStrictEqual(await predictions.get('absent'), []);
    }));

  test('what a client or a model writes oddly does not stop the batch', () =>
    withDatabase(open, async (database) => {
      await insert(
        database,
        record('a', { requestId: 'x\u0000y\udfff', inputs: { n: Number.NaN, text: '\u0000\ud800' }, outputs: { score: Infinity } }),
        record('b'),
      );
      const [stored] = await database.read.predictions.get('a');
      assert.equal(stored?.requestId, 'x\uFFFDy\uFFFD');
      assert.deepStrictEqual(stored?.inputs, { n: null, text: '\u0000\ud800' });
      assert.deepStrictEqual(stored?.outputs, { score: null });
      assert.equal((await database.read.predictions.get('b')).length, 1);
    }));

  test('more predictions and labels than one statement holds are kept whole', () =>
    withDatabase(open, async (database) => {
      const records = Array.from({ length: 5000 }, (_, at) => record(`p${at}`, { inputs: {}, outputs: {} }));
      const labels = records.map((one, at) => label(one.id, at % 2 === 0, 1));
      await put(database, ...labels.slice(0, 2500));
      await insert(database, ...records);
      await put(database, ...labels);
      assert.deepEqual(await database.read.predictions.count('spam'), { predictions: 5000, labelled: 5000, waiting: 0 });
      assert.equal((await changes(database.read.predictions, 700)).length, 5000);
    }));

  test('labels join at once, or wait for their prediction', () =>
    withDatabase(open, async (database) => {
      const { predictions } = database.read;
      await insert(database, record('a'), record('a', { row: 1 }));
      await put(
        database,
        label('a', true, 10),
        label('b', false, 20),
        label('b', true, 21, { row: 1 }),
        label('a', true, 9, { row: 2, endpoint: 'guess' }),
      );
      assert.deepEqual(await changes(predictions), ['a/0 true at 10 for null']);
      assert.deepEqual(await predictions.count('spam'), { predictions: 2, labelled: 1, waiting: 2 });
      assert.deepEqual(await predictions.count('guess'), { predictions: 0, labelled: 0, waiting: 1 });
      assert.deepStrictEqual(await predictions.label('b', 0), { ...label('b', false, 20), seq: 0, replaced: null, joined: false });
      assert.equal(await predictions.label('a', 1), undefined);
      await insert(database, record('b'), record('a'), record('a', { row: 2 }));
      assert.deepEqual(await changes(predictions), ['a/0 true at 10 for null', 'a/2 true at 9 for null', 'b/0 false at 20 for null']);
      assert.deepEqual(await predictions.count('spam'), { predictions: 4, labelled: 3, waiting: 1 });
      assert.deepEqual(await predictions.count('guess'), { predictions: 0, labelled: 0, waiting: 0 });
      const joined = await predictions.label('b', 0);
      assert.deepStrictEqual(joined, { ...label('b', false, 20), seq: joined?.seq, replaced: null, joined: true });
      assert.ok((joined?.seq ?? 0) > 0);
      await insert(database, record('b'));
      assert.equal((await changes(predictions)).length, 3);
    }));

  test('the newest label by its own time wins, the same again changes nothing, and a correction says what it replaced', () =>
    withDatabase(open, async (database) => {
      const { predictions } = database.read;
      await insert(database, record('a'));
      await put(database, label('a', true, 10));
      await put(database, label('a', true, 10));
      await put(database, label('a', false, 9));
      await put(database, label('a', false, 10));
      assert.deepEqual(await changes(predictions), ['a/0 true at 10 for null']);
      await put(database, label('a', true, 20));
      await put(database, label('a', false, 15));
      assert.deepEqual(await changes(predictions), ['a/0 true at 10 for null']);
      assert.equal((await predictions.label('a', 0))?.time, 20);
      await put(database, label('a', false, 30), label('a', true, 25));
      const corrected = await predictions.label('a', 0);
      assert.deepEqual([corrected?.value, corrected?.time, corrected?.replaced, corrected?.joined], [false, 30, true, true]);
      // The first value stays in the stream: a reader that had not come so far takes both and ends with the same sums.
      assert.deepEqual(await changes(predictions), ['a/0 true at 10 for null', 'a/0 false at 30 for true']);
      assert.deepEqual(await changes(predictions, 1), ['a/0 true at 10 for null', 'a/0 false at 30 for true']);
      assert.equal((await predictions.labelsAfter(corrected?.seq ?? 0, 10)).length, 0);
      assert.deepEqual(await predictions.count('spam'), { predictions: 1, labelled: 1, waiting: 0 });
    }));

  test('a label corrected while it waits joins with its last value, as a first one', () =>
    withDatabase(open, async (database) => {
      await put(database, label('a', true, 10));
      await put(database, label('a', false, 20));
      await put(database, label('a', true, 15));
      await insert(database, record('a'));
      assert.deepEqual(await changes(database.read.predictions), ['a/0 false at 20 for null']);
    }));

  test('labels and predictions that a transaction rolls back are not there, and are taken when they come again', () =>
    withDatabase(open, async (database) => {
      const write = (fail: boolean): Promise<void> =>
        database.transaction(async (tx) => {
          await tx.predictions.insert([record('a')]);
          await tx.predictions.putLabels([label('a', true, 1)]);
          await tx.predictions.setSpoolPosition('s', '7');
          if (fail) throw new Error('rolled back');
        });
      await assert.rejects(write(true), /rolled back/);
      assert.deepEqual(await database.read.predictions.count('spam'), { predictions: 0, labelled: 0, waiting: 0 });
      assert.equal(await database.read.predictions.spoolPosition('s'), undefined);
      await write(false);
      assert.deepEqual(await changes(database.read.predictions), ['a/0 true at 1 for null']);
      assert.equal(await database.read.predictions.spoolPosition('s'), '7');
    }));

  test('predictions and labels written at once all join, and a reader that follows misses none', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const ids = Array.from({ length: 80 }, (_, at) => `p${at}`);
      const seen = new Set<string>();
      let writing = true;
      const follow = async (): Promise<void> => {
        let seq = 0;
        for (;;) {
          const last = !writing;
          for (const one of await database.read.predictions.after(seq, 10)) {
            seq = one.seq;
            seen.add(one.id);
          }
          if (last && (await database.read.predictions.after(seq, 1)).length === 0) return;
          await new Promise((done) => setTimeout(done, 1));
        }
      };
      const follower = follow();
      await Promise.all(
        Array.from({ length: 8 }, async (_, at) => {
          const mine = ids.slice(at * 10, at * 10 + 10);
          const [one, two] = [handles[at % 2] as Database, handles[(at + 1) % 2] as Database];
          await Promise.all([insert(one, ...mine.map((id) => record(id))), put(two, ...mine.map((id) => label(id, true, 1)))]);
        }),
      );
      writing = false;
      await follower;
      assert.equal(seen.size, 80);
      assert.deepEqual(await database.read.predictions.count('spam'), { predictions: 80, labelled: 80, waiting: 0 });
      assert.equal((await changes(database.read.predictions)).length, 80);
    }));

  test('of labels for one row that come at once, the newest stands, and the changes chain up to it', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      await insert(database, record('a'));
      await Promise.all(Array.from({ length: 12 }, (_, at) => put(handles[at % 2] as Database, label('a', at % 2 === 0, 100 + at))));
      const final = await database.read.predictions.label('a', 0);
      assert.deepEqual([final?.value, final?.time], [false, 111]);
      let value: boolean | null = null;
      for (const { label: change } of await database.read.predictions.labelsAfter(0, 100)) {
        assert.equal(change.replaced, value);
        value = change.value;
      }
      assert.equal(value, false);
    }));

  test('a spool has its own position', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.predictions.setSpoolPosition('a', '0001:10');
        await tx.predictions.setSpoolPosition('b', '0001:99');
        await tx.predictions.setSpoolPosition('a', '0002:0');
        assert.equal(await tx.predictions.spoolPosition('a'), '0002:0');
      });
      assert.equal(await database.read.predictions.spoolPosition('b'), '0001:99');
      assert.equal(await database.read.predictions.spoolPosition('c'), undefined);
    }));
}
