import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketsFor, cutByTime, cutEvenly, gridSteps, toSampled } from '@pawl/core';
import type { Database, Metric, OddPlace, SeriesCut, SeriesPoint, SeriesReader } from '@pawl/core';
import fc from 'fast-check';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const EVERYTHING = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };

const values = fc.oneof(
  { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -0) },
);
/** Steps close to each other, far apart, and the same again and again. */
const steps = fc.oneof(fc.integer({ min: -20, max: 200 }), fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.constant(0));
const points = fc.array(fc.record({ step: steps, time: fc.integer({ min: 0, max: 400 }), value: values }), {
  minLength: 1,
  maxLength: 150,
});
const oneStep = points.map((some) => some.map((point) => ({ ...point, step: 7 })));

async function record(database: Database, key: string, given: readonly SeriesPoint[]): Promise<void> {
  const metrics = given.map((point): Metric => ({ run: 'a', key, ...point }));
  await database.transaction((tx) => tx.runs.record('a', { metrics }));
}

async function sample(series: SeriesReader, key: string, cut: SeriesCut): Promise<readonly SeriesPoint[]> {
  const buckets = await series.buckets('a', key, cut);
  const places = buckets.flatMap((bucket, at) =>
    (['nan', 'up', 'down'] as const)
      .filter((kind) => bucket[kind] > 0)
      .map((kind): OddPlace => ({ from: cut.bounds[at] as number, to: cut.bounds[at + 1] as number, kind })),
  );
  return toSampled(buckets, await series.odd('a', key, cut, places));
}

const textOf = ({ step, time, value }: SeriesPoint): string => `${step} ${time} ${value}`;
const kindOf = (value: number): string => (Number.isFinite(value) ? 'finite' : String(value));

/** What sampling must keep, worked out from all the points. */
function checkSample(all: readonly SeriesPoint[], cut: SeriesCut, shown: readonly SeriesPoint[]): void {
  const there = new Set(all.map(textOf));
  for (const point of shown) assert.ok(there.has(textOf(point)), `made up: ${textOf(point)}`);
  const has = (point: SeriesPoint | undefined): boolean => point === undefined || shown.some((each) => textOf(each) === textOf(point));
  const sorted = all.toSorted((a, b) => a.step - b.step || a.time - b.time);
  for (const end of [sorted[0], sorted.at(-1)])
    assert.ok(
      shown.some((each) => each.step === end?.step && each.time === end.time),
      'an end is gone',
    );
  for (const [at, lower] of cut.bounds.slice(0, -1).entries()) {
    const inside = sorted.filter((point) => point[cut.by] >= lower && point[cut.by] < (cut.bounds[at + 1] as number));
    for (const kind of ['NaN', 'Infinity', '-Infinity']) {
      const odd = inside.filter(({ value }) => kindOf(value) === kind);
      assert.ok(has(odd[0]) && has(odd.at(-1)), `a ${kind} is gone`);
    }
    const finite = inside.map(({ value }) => value).filter((value) => Number.isFinite(value));
    if (finite.length === 0) continue;
    const kept = shown
      .filter((point) => point[cut.by] >= lower && point[cut.by] < (cut.bounds[at + 1] as number))
      .map(({ value }) => value);
    for (const extreme of [Math.min(...finite), Math.max(...finite)]) assert.ok(kept.includes(extreme), `the extreme ${extreme} is gone`);
  }
  const finite = shown.filter(({ value }) => Number.isFinite(value)).length;
  assert.ok(finite <= 4 * (cut.bounds.length - 1), `${finite} points`);
}

export function testSeriesReader(open: Open): void {
  test('a sample keeps both ends, every extreme, and where values are not finite', () =>
    withDatabase(open, async (database) => {
      const { series } = database.read;
      await database.transaction(async (tx) => {
        await tx.experiments.ensure('Default', 1);
        const blank = { name: '', status: 'running', startedAt: 1, endedAt: null, code: null, environment: {}, user: '' } as const;
        await tx.runs.insert({ ...blank, id: 'a', experiment: 0, lifecycle: 'active', artifactUri: '', params: {}, tags: {} });
      });
      let key = 0;
      await fc.assert(
        fc.asyncProperty(fc.oneof(points, oneStep), fc.integer({ min: 4, max: 60 }), fc.boolean(), async (given, most, byTime) => {
          const name = `k${key++}`;
          await record(database, name, given);
          const all = await series.points('a', name, EVERYTHING, 1000);
          const [first, last] = [all[0] as SeriesPoint, (await series.last('a', name, EVERYTHING)) as SeriesPoint];
          assert.equal(textOf(last), textOf(all.at(-1) as SeriesPoint));
          const buckets = bucketsFor(most);
          const grid = byTime ? await series.times('a', name, gridSteps(first, last, buckets * 8)) : [];
          const cut = byTime ? cutByTime(first, last, grid, buckets) : cutEvenly(first, last, buckets);
          assert.ok(cut.bounds.length - 1 <= buckets);
          assert.deepEqual(
            cut.bounds,
            [...new Set(cut.bounds)].toSorted((a, b) => a - b),
          );
          const counted = (await series.buckets('a', name, cut)).reduce((sum, { count }) => sum + count, 0);
          assert.equal(counted, all.length);
          checkSample(all, cut, await sample(series, name, cut));
        }),
        { numRuns: 25 },
      );
    }));

  test('buckets by time take about equally long, however steps go', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.experiments.ensure('Default', 1);
        const blank = { name: '', status: 'running', startedAt: 1, endedAt: null, code: null, environment: {}, user: '' } as const;
        await tx.runs.insert({ ...blank, id: 'a', experiment: 0, lifecycle: 'active', artifactUri: '', params: {}, tags: {} });
      });
      // Ever slower: the first half of the steps takes an eighth of the time.
      await record(
        database,
        'slow',
        Array.from({ length: 1000 }, (_, step) => ({ step, time: step ** 3, value: step })),
      );
      const { series } = database.read;
      const [first, last] = [
        { step: 0, time: 0, value: 0 },
        { step: 999, time: 999 ** 3, value: 999 },
      ];
      const cut = cutByTime(first, last, await series.times('a', 'slow', gridSteps(first, last, 1000)), 10);
      assert.deepEqual(cut.bounds, [0, ...Array.from({ length: 9 }, (_, at) => Math.ceil(Math.cbrt(((at + 1) * 999 ** 3) / 10))), 1000]);
    }));

  test('least and greatest come for the keys asked, and readers go on where they stand', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.experiments.ensure('Default', 1);
        const blank = { name: '', status: 'running', startedAt: 1, endedAt: null, code: null, environment: {}, user: '' } as const;
        await tx.runs.insert({ ...blank, id: 'a', experiment: 0, lifecycle: 'active', artifactUri: '', params: {}, tags: {} });
      });
      const { series } = database.read;
      await record(
        database,
        'x',
        [3, -1, 2].map((value, step) => ({ step, time: 5, value })),
      );
      await record(database, 'gone', [{ step: 0, time: 0, value: Number.NaN }]);
      assert.deepEqual(await series.extremes(['a', 'absent'], ['x']), [{ run: 'a', key: 'x', least: -1, greatest: 3 }]);
      assert.deepEqual(await series.extremes(['a']), [
        { run: 'a', key: 'gone', least: null, greatest: null },
        { run: 'a', key: 'x', least: -1, greatest: 3 },
      ]);
      const since = async (step: number, time: number, most = 9) =>
        (await series.since('a', [{ key: 'x', step, time }], most)).map(({ value }) => value);
      assert.deepEqual([await since(0, 6), await since(1, 5), await since(3, 0), await since(0, 0, 1)], [[-1, 2], [-1, 2], [], [3]]);
    }));
}
