import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, DetectorState, MonitorBucket, MonitorReference, MonitorSpec, MonitorWindow } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const spec: MonitorSpec = {
  name: 'spam',
  endpoint: 'spam',
  bucketMs: 60_000,
  windowBuckets: 60,
  minRows: 200,
  drift: { features: ['length'], delta: 0.1, q: 0.05, flags: 2, of: 3 },
  quality: { adwinDelta: 0.002, maxErrorRate: null, maxFalsePositiveRate: 0.01 },
  webhook: null,
};

const quality = { truePositive: 1, falsePositive: 2, trueNegative: 3, falseNegative: 4 };

function bucket(start: number, change: Partial<MonitorBucket> = {}): MonitorBucket {
  return { monitor: 'spam', version: 1, start, rows: 10, histograms: { length: [1, 2, 7] }, quality, revision: 1, ...change };
}

function monitorWindow(start: number, change: Partial<MonitorWindow> = {}): MonitorWindow {
  return {
    monitor: 'spam',
    version: 1,
    start,
    end: start + 100,
    rows: 500,
    status: 'drift',
    drift: [{ feature: 'length', effect: 0.3, low: 0.2, high: 0.45, p: 1e-200, adjusted: 2e-200, flagged: true }],
    quality,
    revised: false,
    ...change,
  };
}

export function testMonitorStore(open: Open): void {
  test('monitors are declared and replaced by name', () =>
    withDatabase(open, async (database) => {
      const changed: MonitorSpec = { ...spec, minRows: 50, webhook: 'http://127.0.0.1:1/hook' };
      const odd = oddTexts.map((text, at) => ({ ...spec, name: `odd ${at}`, endpoint: text }));
      assert.equal(await database.read.monitors.spec('spam'), undefined);
      await database.transaction(async (tx) => {
        for (const one of [spec, ...odd, changed]) await tx.monitors.putSpec(one);
      });
      assert.deepStrictEqual(await database.read.monitors.spec('spam'), changed);
      assert.deepStrictEqual(await database.read.monitors.specs(), [...odd, changed]);
    }));

  test('each model version has its reference', () =>
    withDatabase(open, async (database) => {
      const reference = (version: number, rows: number): MonitorReference => {
        return { monitor: 'spam', version, profile: `sha256:${String(rows % 10).repeat(64)}`, rows };
      };
      await database.transaction(async (tx) => {
        await tx.monitors.putReference(reference(1, 100));
        await tx.monitors.putReference(reference(2, 200));
        await tx.monitors.putReference(reference(1, 101));
      });
      assert.deepStrictEqual(await database.read.monitors.reference('spam', 1), reference(1, 101));
      assert.deepStrictEqual(await database.read.monitors.reference('spam', 2), reference(2, 200));
      assert.equal(await database.read.monitors.reference('spam', 3), undefined);
    }));

  test('buckets are read by time, and two that add to one bucket at once both count', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const add = async (handle: Database): Promise<void> => {
        for (;;) {
          const done = await handle.transaction(async (tx) => {
            const [found] = await tx.monitors.buckets('spam', 1, 100, 101);
            if (found === undefined) return tx.monitors.putBucket(bucket(100, { rows: 1 }), null);
            return tx.monitors.putBucket({ ...found, rows: found.rows + 1, revision: found.revision + 1 }, found.revision);
          });
          if (done) return;
        }
      };
      await Promise.all(Array.from({ length: 12 }, (_, at) => add(handles[at % 2] as Database)));
      assert.deepStrictEqual(await database.read.monitors.buckets('spam', 1, 0, 1000), [bucket(100, { rows: 12, revision: 12 })]);
      assert.deepStrictEqual(await database.read.monitors.bucketRevisions('spam', 1, 0, 1000), [{ start: 100, revision: 12 }]);
      assert.deepStrictEqual(await database.read.monitors.bucketRevisions('spam', 1, 101, 1000), []);
      await database.transaction(async (tx) => {
        assert.equal(await tx.monitors.putBucket(bucket(100), null), false);
        assert.equal(await tx.monitors.putBucket(bucket(100), 3), false);
        assert.equal(await tx.monitors.putBucket(bucket(500), 1), false);
        for (const start of [300, 200, 400]) assert.equal(await tx.monitors.putBucket(bucket(start), null), true);
        assert.equal(await tx.monitors.putBucket(bucket(200, { version: 2 }), null), true);
        assert.equal(await tx.monitors.putBucket(bucket(200, { monitor: 'ham' }), null), true);
      });
      const read = await database.read.monitors.buckets('spam', 1, 200, 400);
      assert.deepStrictEqual(read, [bucket(200), bucket(300)]);
    }));

  test('a window is replaced when it is evaluated again; the newest come first', () =>
    withDatabase(open, async (database) => {
      const revised = monitorWindow(100, { status: 'ok', drift: [], rows: 501, revised: true });
      const second = monitorWindow(100, { version: 2, status: 'not_enough_data' });
      await database.transaction(async (tx) => {
        for (const one of [monitorWindow(100), monitorWindow(300), monitorWindow(200), second, revised]) await tx.monitors.putWindow(one);
        await tx.monitors.putWindow(monitorWindow(900, { monitor: 'ham' }));
      });
      const { monitors } = database.read;
      assert.deepStrictEqual(await monitors.windows('spam', 1, 10), [monitorWindow(300), monitorWindow(200), revised]);
      assert.deepStrictEqual(await monitors.windows('spam', undefined, 10), [monitorWindow(300), monitorWindow(200), second, revised]);
      assert.deepStrictEqual(await monitors.windows('spam', 1, 1), [monitorWindow(300)]);
    }));

  test("a detector's state comes back bit for bit and changes by compare-and-set", () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const state = (value: number, revision: number): DetectorState => {
        return { monitor: 'spam', version: 1, detector: 'adwin', state: { sum: value, buckets: [[0.1 + 0.2, 5e-324]] }, revision };
      };
      const { monitors } = database.read;
      const put = (one: DetectorState, expected: number | null, at = 0): Promise<boolean> =>
        (handles[at % 2] as Database).transaction((tx) => tx.monitors.putDetector(one, expected));
      assert.equal(await monitors.detector('spam', 1, 'adwin'), undefined);
      assert.equal(await put(state(1, 2), 1), false);
      const first = await Promise.all(Array.from({ length: 4 }, (_, at) => put(state(at, 1), null, at)));
      assert.equal(first.filter(Boolean).length, 1);
      assert.deepStrictEqual(await monitors.detector('spam', 1, 'adwin'), state(first.indexOf(true), 1));
      const next = await Promise.all(Array.from({ length: 4 }, (_, at) => put(state(10 + at, 2), 1, at)));
      assert.equal(next.filter(Boolean).length, 1);
      assert.deepStrictEqual(await monitors.detector('spam', 1, 'adwin'), state(10 + next.indexOf(true), 2));
      assert.equal(await monitors.detector('spam', 1, 'other'), undefined);
    }));
}
