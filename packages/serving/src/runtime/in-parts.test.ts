import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RowModel } from './in-parts.ts';
import { computeInParts } from './in-parts.ts';

const spec = { name: 'x', datatype: 'FP64' as const, shape: [-1] };
const doubling = (waitMs: number): RowModel => ({
  inputs: [spec],
  outputs: [spec],
  compute: ({ rows, columns }) => {
    const until = performance.now() + waitMs;
    while (performance.now() < until);
    return { x: { datatype: 'FP64', shape: [rows], data: Float64Array.from(columns['x']?.data as Float64Array, (value) => value * 2) } };
  },
});
const batchOf = (rows: number) => ({
  rows,
  columns: { x: { datatype: 'FP64' as const, shape: [rows], data: Float64Array.from({ length: rows }, (_, row) => row) } },
});

test('many rows are computed in parts, and come back in order', async () => {
  for (const rows of [1, 256, 257, 1000]) {
    const { x } = await computeInParts(doubling(0), batchOf(rows));
    assert.deepEqual(x?.shape, [rows]);
    assert.deepEqual(
      x?.data,
      Float64Array.from({ length: rows }, (_, row) => row * 2),
    );
  }
});

test('a long batch lets others have their turn', async () => {
  let turns = 0;
  let going = true;
  const others = (): void => {
    turns += 1;
    if (going) setImmediate(others);
  };
  setImmediate(others);
  await computeInParts(doubling(5), batchOf(256 * 8));
  going = false;
  assert.ok(turns >= 6, `${turns} turns`);
});

test('a column that is not there is named', async () => {
  await assert.rejects(computeInParts(doubling(0), { rows: 300, columns: {} }), /input "x" is missing/);
});
