import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Batch, Columns, TensorSpec } from '../tensor/tensor.ts';
import type { ModelRuntime } from './runtime.ts';
import { createBatcher } from './batcher.ts';

const column: TensorSpec = { name: 'x', datatype: 'FP64', shape: [-1, 1] };

function valuesOf(columns: Columns, name: string): readonly number[] {
  const column = columns[name];
  assert.ok(column?.data instanceof Float64Array);
  return [...column.data];
}

/** A model in memory: y = 2x row by row; a row of −1 makes the whole run fail. `batches` are the row counts it was given. */
function doubling(input: TensorSpec = column): ModelRuntime & { readonly batches: number[] } {
  const batches: number[] = [];
  return {
    gathers: true,
    classes: null,
    bytes: 0,
    predicts: { form: 'as-sent', outputs: [] },
    open: false,
    engine: 'memory',
    batches,
    inputs: [input],
    outputs: [{ name: 'y', datatype: 'FP64', shape: [-1] }],
    run: async ({ rows, columns }) => {
      batches.push(rows);
      await new Promise((resolve) => setImmediate(resolve));
      const data = valuesOf(columns, 'x');
      if (data.includes(-1)) throw new Error('a bad row');
      return { y: { datatype: 'FP64', shape: [rows], data: Float64Array.from(data, (value) => 2 * value) } };
    },
    close: async () => {},
  };
}

function batchOf(values: readonly number[]): Batch {
  return { rows: values.length, columns: { x: { datatype: 'FP64', shape: [values.length, 1], data: Float64Array.from(values) } } };
}

test('every request gets its own rows, and a bad one fails alone', async () => {
  const request = fc.array(
    fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 1000 }) }, { weight: 1, arbitrary: fc.constant(-1) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 20 }), async (requests, maxRows) => {
      const batcher = createBatcher(doubling(), maxRows);
      const answers = await Promise.allSettled(requests.map((values) => batcher.run(batchOf(values))));
      requests.forEach((values, index) => {
        const answer = answers[index];
        if (values.includes(-1)) assert.equal(answer?.status, 'rejected');
        else
          assert.deepEqual(
            answer?.status === 'fulfilled' && valuesOf(answer.value, 'y'),
            values.map((value) => 2 * value),
          );
      });
    }),
    { numRuns: 60 },
  );
});

test('an idle model starts at once; what arrives meanwhile shares the next run, within the limit', async () => {
  const model = doubling();
  const batcher = createBatcher(model, 4);
  await Promise.all([[1], [2], [3, 4], [5, 6]].map((values) => batcher.run(batchOf(values))));
  assert.deepEqual(model.batches, [1, 3, 2]);
});

test('a graph with a fixed number of rows runs request by request', async () => {
  const model = doubling({ ...column, shape: [1, 1] });
  const batcher = createBatcher(model, 64);
  const answers = await Promise.all([[1], [2], [3]].map((values) => batcher.run(batchOf(values))));
  assert.deepEqual(
    answers.map((answer) => valuesOf(answer, 'y')),
    [[2], [4], [6]],
  );
  assert.deepEqual(model.batches, [1, 1, 1]);
});

test('outputs that are not by row are never cut: such a model runs request by request', async () => {
  const total: ModelRuntime = {
    ...doubling(),
    run: async ({ columns }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const sum = valuesOf(columns, 'x').reduce((a, b) => a + b, 0);
      return { y: { datatype: 'FP64', shape: [1], data: Float64Array.of(sum) } };
    },
  };
  const batcher = createBatcher(total, 64);
  const answers = await Promise.all([[1], [2, 3], [4]].map((values) => batcher.run(batchOf(values))));
  assert.deepEqual(
    answers.map((answer) => valuesOf(answer, 'y')),
    [[1], [5], [4]],
  );
});
