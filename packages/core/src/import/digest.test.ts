import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../ports/digest.ts';
import { comparePoints, createSeriesDigest, digestListing, digestRun, toSeries } from './digest.ts';
import type { ImportedRun, Point } from './types.ts';

/** Not SHA-256, but as different for different text: enough to tell what goes in. */
const hash = (text: string | Uint8Array): Digest => `sha256:${text as string}`;

const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0));
const point: fc.Arbitrary<Point> = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 2 }), value);

function digestOf(points: readonly Point[]): string {
  const series = createSeriesDigest(hash, 'k');
  for (const one of toSeries(points)) series.add(one);
  return series.end().digest;
}

test('a series is in order, each point once, however it came', () => {
  fc.assert(
    fc.property(fc.array(point), (points) => {
      const series = toSeries(points);
      for (const [at, one] of series.entries()) if (at > 0) assert.ok(comparePoints(series[at - 1] as Point, one) < 0);
      for (const one of points) assert.ok(series.some((other) => comparePoints(one, other) === 0));
      assert.equal(digestOf(points), digestOf([...points, ...points].toReversed()));
    }),
  );
});

test('NaN comes after zero, and is no infinity', () => {
  const points: readonly Point[] = [-Infinity, -1, 0, Number.NaN, 1, Infinity].map((one): Point => [0, 0, one]);
  assert.deepEqual(toSeries(points.toReversed()), points);
});

test('a point more, less or other changes the digest', () => {
  const points: readonly Point[] = [
    [0, 1, 0.1],
    [1, 1, Number.NaN],
  ];
  const seen = new Set([
    digestOf(points),
    digestOf(points.slice(1)),
    digestOf([...points, [2, 1, 0]]),
    digestOf([[0, 1, 0.1000001], points[1] as Point]),
    digestOf([[0, 2, 0.1], points[1] as Point]),
  ]);
  assert.equal(seen.size, 5);
  assert.equal(digestOf([[0, 0, -0]]), digestOf([[0, 0, 0]]));
});

const run: ImportedRun = {
  id: 'r',
  experiment: 1,
  name: 'n',
  status: 'finished',
  user: '',
  startedAt: 1,
  endedAt: null,
  lifecycle: 'active',
  artifactUri: null,
  deletedAt: null,
  code: null,
  environment: {},
  params: { a: '1', b: '2' },
  tags: {},
  inputs: [],
  datasets: [],
  modelInputs: ['m1', 'm2'],
  modelOutputs: [],
};

test('the order of keys does not matter, and everything else does', () => {
  const same = { ...run, params: { b: '2', a: '1' }, modelInputs: ['m2', 'm1'] };
  assert.equal(digestRun(hash, run, []), digestRun(hash, same, []));
  const others: readonly Partial<ImportedRun>[] = [
    { name: 'm' },
    { params: { a: '1' } },
    { params: { a: '1', b: '3' } },
    { tags: { a: '' } },
    { endedAt: 0 },
    { modelOutputs: [{ model: 'm', step: 0 }] },
    { code: { commit: 'c', branch: null, patch: null } },
    { environment: { a: '1' } },
    { inputs: [{ dataset: 'd', version: 1, role: 'r' }] },
  ];
  const digests = new Set([run, ...others.map((other) => ({ ...run, ...other }))].map((one) => digestRun(hash, one, [])));
  assert.equal(digests.size, others.length + 1);
});

test('a listing is of paths and sizes, in any order', () => {
  const [a, b] = [
    { path: 'a', size: 1 },
    { path: 'b', size: 2 },
  ];
  assert.equal(digestListing(hash, [a, b]), digestListing(hash, [b, a]));
  assert.notEqual(digestListing(hash, [a, b]), digestListing(hash, [a, { ...b, size: 3 }]));
});
