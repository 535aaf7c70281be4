import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSpec } from '@pawl/core';
import { isFault } from '@pawl/core';
import type { TensorSpec } from '../tensor/tensor.ts';
import { addFeatures } from './features.ts';
import { checkRowModel, nameColumns, toSignature } from './signature.ts';

const column = (name: string, datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({ name, datatype, shape: [-1, 1] });
const spec: ModelSpec = {
  file: { format: 'onnx', path: 'model.onnx', bestOnly: false },
  features: [{ view: 'activity', entity: 'domain', features: ['mails', 'spam'] }],
  flavor: 'onnx',
  decision: { label: 'label', score: 'probability', positive: null },
  schema: null,
  example: null,
};
const inputs = [column('length'), column('mails'), column('spam', 'FP64')];
const outputs: readonly TensorSpec[] = [{ name: 'label', datatype: 'INT64', shape: [-1] }, column('probability')];

test('a request sends the inputs that nobody looks up, and the entity key', () => {
  assert.deepEqual(toSignature(spec, inputs), [column('length'), { name: 'domain', datatype: 'BYTES', shape: [-1] }]);
  const keyed = [...inputs, column('domain', 'BYTES')];
  assert.deepEqual(toSignature(spec, keyed), [column('length'), column('domain', 'BYTES')]);
});

test('a graph and its package must fit', () => {
  checkRowModel(spec, { inputs, outputs });
  const cases: readonly (readonly [readonly TensorSpec[], readonly TensorSpec[], RegExp])[] = [
    [inputs, outputs.slice(1), /no output "label", which MLmodel names; it has probability/],
    [inputs.slice(0, 2), outputs, /feature "spam" of view "activity" is no input/],
    [[column('length'), column('mails', 'INT64'), column('spam')], outputs, /"mails" takes a feature/],
    [[...inputs, { ...column('flag'), shape: [] }], outputs, /"flag" has no dimension for rows/],
  ];
  for (const [graphInputs, graphOutputs, problem] of cases) {
    assert.throws(
      () => checkRowModel(spec, { inputs: graphInputs, outputs: graphOutputs }),
      (error) => isFault(error, 'model_package_invalid') && problem.test(error.message),
    );
  }
});

test('a matrix takes the names of the signature, unless the model knows better or the numbers differ', () => {
  const schema = (...names: readonly string[]) => ({
    inputs: names.map((name) => ({ kind: 'column' as const, name, type: 'double' as const, required: true })),
    outputs: [],
    params: [],
  });
  const matrix: TensorSpec = { name: 'X', datatype: 'FP32', shape: [-1, 2] };
  assert.deepEqual(nameColumns([matrix], schema('a', 'b')), [{ ...matrix, columns: ['a', 'b'] }]);
  assert.deepEqual(nameColumns([{ ...matrix, shape: [-1, -1] }], schema('a', 'b')), [{ ...matrix, columns: ['a', 'b'] }]);
  assert.deepEqual(nameColumns([{ ...matrix, columns: ['f0', 'f1'] }], schema('a', 'b')), [{ ...matrix, columns: ['a', 'b'] }]);
  assert.deepEqual(nameColumns([{ ...matrix, columns: ['b', 'a'] }], schema('a', 'b')), [{ ...matrix, columns: ['b', 'a'] }]);
  assert.deepEqual(nameColumns([matrix], schema('a', 'b', 'c')), [matrix]);
  assert.deepEqual(nameColumns([matrix, column('c')], schema('a', 'b')), [matrix, column('c')]);
  assert.deepEqual(nameColumns([matrix], null), [matrix]);
});

const batch = {
  rows: 3,
  columns: {
    length: { datatype: 'FP32' as const, shape: [3, 1], data: Float32Array.of(1, 2, 3) },
    domain: { datatype: 'BYTES' as const, shape: [3], data: ['a.org', 'b.org', 'a.org'] },
  },
};

test('features are looked up once a key and laid out row by row', async () => {
  const asked: unknown[] = [];
  const columns = await addFeatures(
    spec.features,
    inputs,
    batch,
    {
      lookup: async (view, keys, at) => {
        asked.push([view, keys, at]);
        return keys.map((key) => (key === 'a.org' ? { mails: 7, spam: 2 } : { mails: 1 }));
      },
    },
    1000,
  );
  assert.deepEqual(asked, [['activity', ['a.org', 'b.org'], 1000]]);
  assert.deepEqual(columns['mails'], { datatype: 'FP32', shape: [3, 1], data: Float32Array.of(7, 1, 7) });
  assert.deepEqual(columns['spam'], { datatype: 'FP64', shape: [3, 1], data: Float64Array.of(2, NaN, 2) });
  assert.equal(columns['length'], batch.columns.length);
});

test('a store that does not answer is a fault of its own', async () => {
  const lookup = () => Promise.reject(new Error('connection refused'));
  await assert.rejects(addFeatures(spec.features, inputs, batch, { lookup }, 0), (error) => isFault(error, 'features_unavailable'));
});
