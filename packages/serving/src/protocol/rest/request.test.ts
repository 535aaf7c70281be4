import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFault } from '@pawl/core';
import type { Datatype, Tensor, TensorSpec } from '../../tensor/tensor.ts';
import { toBatch } from '../tensors/batch.ts';
import { toInferRequest } from './request.ts';

interface Sent {
  readonly datatype: string;
  readonly shape: readonly number[];
  /** JSON text, since some numbers are not JavaScript's. */
  readonly data: string;
}

/** Reads one input "x" sent as `sent` for a graph that takes `datatype` and `shape`. */
function read(sent: Sent, datatype: Datatype = 'FP32', shape: readonly number[] = [-1, 1]): Tensor | undefined {
  const body = `{"inputs":[{"name":"x","shape":${JSON.stringify(sent.shape)},"datatype":"${sent.datatype}","data":${sent.data}}]}`;
  return toBatch(toInferRequest(Buffer.from(body)), { inputs: [{ name: 'x', datatype, shape }], open: false }, 'spam', 100).columns['x'];
}

test('a column comes as [n] or [n, 1], flat or nested, FP64 or FP32', () => {
  const expected = { datatype: 'FP32', shape: [2, 1], data: Float32Array.of(1.5, -2) };
  assert.deepEqual(read({ datatype: 'FP32', shape: [2], data: '[1.5,-2]' }), expected);
  assert.deepEqual(read({ datatype: 'FP64', shape: [2, 1], data: '[1.5,-2]' }), expected);
  assert.deepEqual(read({ datatype: 'FP64', shape: [2, 1], data: '[[1.5],[-2]]' }), expected);
  assert.deepEqual(read({ datatype: 'BYTES', shape: [2, 1], data: '["a","\\u0000"]' }, 'BYTES', [-1]), {
    datatype: 'BYTES',
    shape: [2],
    data: ['a', '\0'],
  });
});

test('null and the three tokens are numbers of floating-point tensors', () => {
  assert.deepEqual(
    [...(read({ datatype: 'FP64', shape: [5], data: '[null,NaN,Infinity,-Infinity,"NaN"]' })?.data ?? [])],
    [NaN, NaN, Infinity, -Infinity, NaN],
  );
});

test('64-bit integers keep every digit', () => {
  const data = '[9223372036854775807,-9223372036854775808,9007199254740993,5]';
  const read64 = read({ datatype: 'INT64', shape: [4], data }, 'INT64', [-1])?.data;
  assert.deepEqual(read64, BigInt64Array.of(9223372036854775807n, -9223372036854775808n, 9007199254740993n, 5n));
});

test('lossless widening is taken', () => {
  assert.deepEqual(read({ datatype: 'UINT8', shape: [1], data: '[255]' }, 'INT64', [-1])?.data, BigInt64Array.of(255n));
  assert.deepEqual(read({ datatype: 'INT16', shape: [1], data: '[-7]' }, 'FP32')?.data, Float32Array.of(-7));
});

const refused: readonly (readonly [string, Sent, Datatype, readonly number[]])[] = [
  ['a narrower datatype', { datatype: 'INT64', shape: [1], data: '[1]' }, 'INT32', [-1]],
  ['an integer for a boolean', { datatype: 'INT32', shape: [1], data: '[1]' }, 'BOOL', [-1]],
  ['half precision', { datatype: 'FP16', shape: [1], data: '[1]' }, 'FP32', [-1]],
  ['an unknown datatype', { datatype: 'FP8', shape: [1], data: '[1]' }, 'FP32', [-1]],
  ['a negative size', { datatype: 'FP32', shape: [-1], data: '[1]' }, 'FP32', [-1]],
  ['a fractional size', { datatype: 'FP32', shape: [1.5], data: '[1]' }, 'FP32', [-1]],
  ['no rows', { datatype: 'FP32', shape: [0], data: '[]' }, 'FP32', [-1]],
  ['no dimension', { datatype: 'FP32', shape: [], data: '[1]' }, 'FP32', [-1]],
  ['a wide row for a column', { datatype: 'FP32', shape: [1, 2], data: '[1,2]' }, 'FP32', [-1, 1]],
  ['a transposed matrix', { datatype: 'FP32', shape: [2, 3], data: '[[1,2],[3,4],[5,6]]' }, 'FP32', [-1, 3]],
  ['ragged nesting', { datatype: 'FP32', shape: [2, 2], data: '[[1,2],[3]]' }, 'FP32', [-1, 2]],
  ['too few elements', { datatype: 'FP32', shape: [3], data: '[1,2]' }, 'FP32', [-1]],
  ['a shape of billions', { datatype: 'FP32', shape: [4000000000, 1], data: '[1,2]' }, 'FP32', [-1, 1]],
  ['more rows than allowed', { datatype: 'BOOL', shape: [101], data: JSON.stringify(Array(101).fill(true)) }, 'BOOL', [-1]],
  ['a string among numbers', { datatype: 'FP32', shape: [1], data: '["1"]' }, 'FP32', [-1]],
  ['a number among strings', { datatype: 'BYTES', shape: [1], data: '[1]' }, 'BYTES', [-1]],
  ['an integer out of range', { datatype: 'UINT8', shape: [1], data: '[300]' }, 'UINT8', [-1]],
  ['a fraction among integers', { datatype: 'INT32', shape: [1], data: '[1.5]' }, 'INT32', [-1]],
  ['null among integers', { datatype: 'INT32', shape: [1], data: '[null]' }, 'INT32', [-1]],
  ['an INT64 beyond its range', { datatype: 'INT64', shape: [1], data: '[9223372036854775808]' }, 'INT64', [-1]],
  ['a number that FP32 cannot hold', { datatype: 'FP64', shape: [1], data: '[1e300]' }, 'FP32', [-1]],
  ['deep nesting', { datatype: 'FP32', shape: [1], data: '['.repeat(5000) + '1' + ']'.repeat(5000) }, 'FP32', [-1]],
  ['data that is no array', { datatype: 'FP32', shape: [1], data: '{"0":1}' }, 'FP32', [-1]],
];

for (const [name, sent, datatype, shape] of refused) {
  test(`${name} is refused, naming the tensor`, () => {
    assert.throws(
      () => read(sent, datatype, shape),
      (error) => isFault(error, 'tensor_invalid') && error.message.startsWith('Input "x": expected'),
    );
  });
}

test('the form of a request is checked before its tensors', () => {
  const bodies = {
    '[]': /JSON object/,
    '{}': /"inputs" is missing/,
    '{"inputs":{}}': /"inputs" must be an array/,
    '{"inputs":[1]}': /inputs\[0\] must be an object/,
    '{"inputs":[{"shape":[1]}]}': /inputs\[0\] has no "name"/,
    '{"inputs":[],"id":5}': /"id" must be a string/,
    [`{"inputs":[],"id":"${'x'.repeat(1025)}"}`]: /"id" is longer than 1024 characters/,
    '{"inputs":[],"parameters":[]}': /"parameters" of the request/,
    '{"inputs":[],"parameters":{"a":{}}}': /Parameter "a"/,
    '{"inputs":[],"outputs":["y"]}': /outputs\[0\]/,
  };
  for (const [body, message] of Object.entries(bodies)) {
    assert.throws(
      () => toInferRequest(Buffer.from(body)),
      (error) => isFault(error, 'request_invalid') && message.test(error.message),
      body,
    );
  }
});

test('whatever arrives is a request or a fault with a short message', () => {
  const tensor = fc.record(
    {
      name: fc.oneof(fc.constant('x'), fc.jsonValue()),
      shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 9 }), fc.jsonValue()),
      datatype: fc.oneof(fc.constantFrom('FP32', 'FP64', 'INT64', 'BYTES', 'BOOL', 'FP16'), fc.jsonValue()),
      data: fc.oneof(fc.array(fc.oneof(fc.double(), fc.jsonValue()), { maxLength: 9 }), fc.jsonValue()),
      parameters: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({ inputs: fc.oneof(fc.array(tensor), fc.jsonValue()), outputs: fc.jsonValue(), id: fc.jsonValue() }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(body, fc.constantFrom<Datatype>('FP32', 'INT64', 'BYTES', 'BOOL'), (text, datatype) => {
      try {
        const batch = toBatch(
          toInferRequest(Buffer.from(text)),
          { inputs: [{ name: 'x', datatype, shape: [-1, 1] }], open: false },
          'spam',
          100,
        );
        assert.equal(batch.columns['x']?.data.length, batch.rows);
      } catch (error) {
        assert.ok(isFault(error), String(error));
        assert.ok(error.kind === 'user' && !error.message.includes('\n'), error.message);
      }
    }),
    { numRuns: 500 },
  );
});

/** A body of JSON and bytes, and its header. */
function toBinary(inputs: readonly object[], bytes: readonly number[], more: object = {}): readonly [Uint8Array, string] {
  const json = Buffer.from(JSON.stringify({ inputs, ...more }));
  return [Buffer.concat([json, Uint8Array.from(bytes)]), `${json.length}`];
}

const binaryInput = (name: string, datatype: string, shape: readonly number[], size: unknown) => ({
  name,
  datatype,
  shape,
  parameters: { binary_data_size: size },
});

test('binary tensors follow the JSON in the order of the inputs, those with data left out', () => {
  const signature = [
    { name: 'x', datatype: 'FP32' as const, shape: [-1] },
    { name: 'y', datatype: 'INT64' as const, shape: [-1] },
    { name: 't', datatype: 'BYTES' as const, shape: [-1, 1] },
  ];
  const inputs = [
    binaryInput('t', 'BYTES', [1, 1], 6),
    { name: 'y', datatype: 'INT64', shape: [1], data: [5] },
    binaryInput('x', 'FP16', [1], 2),
  ];
  const [body, header] = toBinary(inputs, [2, 0, 0, 0, 0xc3, 0xa9, 0, 0xc0], {
    outputs: [{ name: 'p', parameters: { binary_data: false, classification: 3 } }],
  });
  const request = toInferRequest(body, header);
  assert.deepEqual(request.outputs, [{ name: 'p', binary: false, classes: 3 }]);
  assert.deepEqual(toBatch(request, { inputs: signature, open: false }, 'spam', 10).columns, {
    x: { datatype: 'FP32', shape: [1], data: Float32Array.of(-2) },
    y: { datatype: 'INT64', shape: [1], data: BigInt64Array.of(5n) },
    t: { datatype: 'BYTES', shape: [1, 1], data: ['é'] },
  });
});

test('a binary body that does not add up is refused', () => {
  const x = binaryInput('x', 'FP32', [1], 4);
  const four = [0, 0, 128, 63];
  const cases: readonly (readonly [readonly [Uint8Array, string], RegExp])[] = [
    [toBinary([x], [...four, 0]), /1 bytes follow the last tensor/],
    [toBinary([x], [0, 0]), /Input "x" announces 4 bytes of binary data and 2 are left/],
    [toBinary([binaryInput('x', 'FP32', [1], -4)], four), /"binary_data_size" of input "x"/],
    [toBinary([binaryInput('x', 'FP32', [1], '4')], four), /"binary_data_size" of input "x"/],
    [toBinary([{ ...x, data: [1] }], four), /either "data" or "binary_data_size"/],
    [toBinary([x], four, { parameters: { binary_data_output: 1 } }), /"binary_data_output" must be true or false/],
    [toBinary([x], four, { outputs: [{ name: 'y', parameters: { classification: 0 } }] }), /"classification" of output "y"/],
    ...['-1', '1.5', 'x', '', '99999999', '1e3'].map(
      (header) => [[toBinary([x], four)[0], header], /Inference-Header-Content-Length/] as const,
    ),
  ];
  for (const [[body, header], message] of cases) {
    assert.throws(
      () => toInferRequest(body, header),
      (error) => isFault(error) && message.test(error.message),
      String(message),
    );
  }
});

test('a raw request is the only input, whose open size follows from its bytes', () => {
  const raw = (bytes: Uint8Array, ...inputs: readonly TensorSpec[]) =>
    toBatch(toInferRequest(bytes, '0'), { inputs, open: false }, 'spam', 10).columns['x'];
  const six = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
  assert.deepEqual(raw(six, { name: 'x', datatype: 'FP32', shape: [-1, 3] })?.shape, [2, 3]);
  assert.deepEqual(raw(six, { name: 'x', datatype: 'FP32', shape: [-1, -1] })?.shape, [1, 6]);
  assert.deepEqual(raw(Buffer.from('é'), { name: 'x', datatype: 'BYTES', shape: [-1, 1] })?.data, ['é']);
  assert.throws(
    () => raw(six, { name: 'x', datatype: 'FP32', shape: [-1, 4] }),
    (error) => isFault(error, 'tensor_invalid') && error.message.includes('16 bytes'),
  );
  assert.throws(
    () => raw(six, { name: 'x', datatype: 'FP32', shape: [-1] }, { name: 'y', datatype: 'FP32', shape: [-1] }),
    (error) => isFault(error, 'request_invalid') && error.message.includes('one input'),
  );
});

test('inputs are needed once each, strangers refused, rows alike', () => {
  const signature = { inputs: ['x', 'y'].map((name) => ({ name, datatype: 'FP32' as const, shape: [-1] })), open: false };
  const input = (name: string, rows = 1) => ({ name, shape: [rows], datatype: 'FP32', data: Array(rows).fill(1) });
  const batch = (...inputs: readonly object[]) => toBatch(toInferRequest(Buffer.from(JSON.stringify({ inputs }))), signature, 'spam', 100);
  assert.equal(batch(input('y', 2), input('x', 2)).rows, 2);
  assert.throws(
    () => batch(input('x')),
    (error) => isFault(error, 'tensor_missing') && error.message.includes('"y"'),
  );
  assert.throws(
    () => batch(input('x'), input('y'), input('z')),
    (error) => isFault(error, 'tensor_unknown') && error.message.includes('"z"'),
  );
  assert.throws(
    () => batch(input('x'), input('x'), input('y')),
    (error) => isFault(error, 'tensor_invalid') && error.message.includes('twice'),
  );
  assert.throws(
    () => batch(input('x', 2), input('y', 1)),
    (error) => isFault(error, 'tensor_invalid') && error.message.includes('2 rows'),
  );
});
