import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Datatype, Tensor } from '../../tensor/tensor.ts';
import { arrayOf } from '../../tensor/tensor.ts';
import { packTensors, unpackTensors } from './message.ts';

const datatypes: readonly Datatype[] = ['BOOL', 'UINT8', 'INT16', 'FP16', 'FP32', 'INT32', 'FP64', 'INT64', 'UINT64', 'BYTES'];

const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({ datatype: fc.constantFrom(...datatypes), shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), seed: fc.nat(100) })
  .map(({ datatype, shape, seed }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    if (datatype === 'BYTES') return { datatype, shape, data: Array.from({ length: count }, (_, index) => `${seed + index}`) };
    const data = new (arrayOf(datatype))(count);
    const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
    for (let index = 0; index < count; index++) (data as Float64Array)[index] = (wide ? BigInt(seed + index) : seed + index) as number;
    return { datatype, shape, data };
  });

test('what is packed comes out the same: types of every size side by side, empty tensors, scalars, texts', () => {
  fc.assert(
    fc.property(fc.array(anyTensor, { maxLength: 8 }), (tensors) => {
      const back = unpackTensors(
        packTensors(tensors),
        tensors.map((tensor) => tensor.datatype),
      );
      assert.deepEqual(back, tensors);
    }),
  );
});
