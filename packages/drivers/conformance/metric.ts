import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Database, Metric } from '@pawl/core';
import { allPages, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

async function addRuns(database: Database, ids: readonly string[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.experiments.ensure('Default', 1);
    for (const id of ids) {
      const blank = { experiment: 0, name: id, status: 'running', startedAt: 1, endedAt: null, code: null, environment: {} } as const;
      await tx.runs.insert({ ...blank, id, user: '', lifecycle: 'active', artifactUri: '', params: {}, tags: {} });
    }
  });
}

/** Later by (step, time, value), NaN after every number. */
function compare(a: Metric, b: Metric): number {
  const rank = (value: number): number => (Number.isNaN(value) ? 1 : 0);
  return a.step - b.step || a.time - b.time || rank(a.value) - rank(b.value) || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
}

export function testMetricStore(open: Open): void {
  test('the latest, least and greatest value follow from the history, however it came in', () =>
    withDatabase(open, async (database) => {
      const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Number.NaN, Infinity, -Infinity, 0.1));
      const point = fc.record({
        key: fc.constantFrom('a', 'b'),
        value,
        step: fc.integer({ min: -1, max: 2 }),
        time: fc.integer({ min: 0, max: 1 }),
      });
      let count = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(point, { maxLength: 6 }), { maxLength: 4 }), async (batches) => {
          const run = `p${count++}`;
          await addRuns(database, [run]);
          for (const batch of batches) {
            await database.transaction((tx) => tx.runs.record(run, { metrics: batch.map((each) => ({ ...each, run })) }));
          }
          const all = batches.flat().map((each): Metric => ({ ...each, run }));
          const keys = [...new Set(all.map(({ key }) => key))].toSorted();
          const latest = keys.map((key) =>
            all
              .filter((each) => each.key === key)
              .toSorted(compare)
              .at(-1),
          );
          assert.deepEqual(await database.read.runs.latestMetrics(run), latest);
          for (const key of keys) {
            const numbers = all.filter((each) => each.key === key && !Number.isNaN(each.value)).map((each) => each.value);
            for (const [entity, bound] of [
              ['metric_min', Math.min(...numbers)],
              ['metric_max', Math.max(...numbers)],
            ] as const) {
              const filter = { kind: 'compare', entity, key, comparator: '=', value: bound } as const;
              const { items } = await database.read.runs.search({ experiments: [0], filter, orders: [], limit: 1000 });
              assert.equal(
                items.some((item) => item.run.id === run),
                numbers.length > 0,
                `${entity}.${key} = ${bound}`,
              );
            }
          }
        }),
        { seed: 5, numRuns: 40 },
      );
    }));

  test('a history is paged in its order', () =>
    withDatabase(open, async (database) => {
      await addRuns(database, ['r', 's']);
      const points = [
        ...[Number.NaN, Infinity, 2, -Infinity].map((value): Metric => ({ run: 'r', key: 'm', value, step: 3, time: 1 })),
        ...[5, -1, 0].map((step): Metric => ({ run: 'r', key: 'm', value: 0.5, step, time: 7 })),
      ];
      await database.transaction((tx) => tx.runs.record('r', { metrics: points }));
      const sorted = points.toSorted(compare);
      for (const limit of [1, 2, 3, 7, 8]) {
        assert.deepEqual(await allPages((page) => database.read.metrics.history('r', 'm', page), limit), sorted, `by ${limit}`);
      }
      assert.deepEqual(await database.read.metrics.history('s', 'm', { limit: 1 }), { items: [] });
    }));

  test('steps over runs are told once, with the ends of each; values at steps come by run as asked', () =>
    withDatabase(open, async (database) => {
      await addRuns(database, ['r', 's', 't']);
      const at = (run: string, step: number): Metric => ({ run, key: 'm', value: step / 2, step, time: step });
      await database.transaction(async (tx) => {
        await tx.runs.record('r', { metrics: [1, 2, 3].map((step) => at('r', step)) });
        await tx.runs.record('s', { metrics: [2, 9].map((step) => at('s', step)) });
        await tx.runs.record('t', { metrics: [at('t', 100)] });
      });
      const { metrics } = database.read;
      const all = await metrics.steps(['r', 's'], 'm', { from: 0, to: Number.MAX_SAFE_INTEGER });
      assert.deepEqual(
        [all.all, all.ends.toSorted((a, b) => a - b)],
        [
          [1, 2, 3, 9],
          [1, 2, 3, 9],
        ],
      );
      const some = await metrics.steps(['r', 's'], 'm', { from: 2, to: 3 });
      assert.deepEqual(
        [some.all, some.ends.toSorted((a, b) => a - b)],
        [
          [2, 3],
          [2, 2, 2, 3],
        ],
      );
      assert.deepEqual(await metrics.at(['s', 'r', 's'], 'm', [2, 9]), [at('s', 2), at('s', 9), at('r', 2)]);
      assert.deepEqual(await metrics.at([], 'm', [2]), []);
    }));
}
