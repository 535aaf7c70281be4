import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnType, ModelSchema } from '@pawl/core';
import { isFault } from '@pawl/core';
import fc from 'fast-check';
import type { Datatype, TensorSpec } from '../tensor/tensor.ts';
import type { FrameTarget } from './to-batch.ts';
import { enforceParams } from './params.ts';
import { fromCsv } from './csv.ts';
import { toBatch } from './to-batch.ts';
import { toFrame } from './frame.ts';

const input = (name: string, datatype: Datatype = 'FP64', ...inner: readonly number[]): TensorSpec => ({
  name,
  datatype,
  shape: [-1, ...inner],
});
const columns = (types: Readonly<Record<string, ColumnType>>, required = true): ModelSchema => ({
  inputs: Object.entries(types).map(([name, type]) => ({ kind: 'column', name, type, required })),
  outputs: [],
  params: [],
});
const target = (inputs: readonly TensorSpec[], schema: ModelSchema | null = null): FrameTarget => ({ inputs, schema, open: false });
const people = target(
  [input('age', 'INT64'), input('city', 'BYTES'), input('height')],
  columns({ age: 'long', city: 'string', height: 'double' }),
);
const matrix = target([{ ...input('X', 'FP32', 2), columns: ['a', 'b'] }], columns({ a: 'double', b: 'double' }));
const options = { maxRows: 100, isText: false };

const read = (body: unknown, model: FrameTarget = people) => {
  const batch = toBatch(toFrame(body).frame, model, options);
  return Object.fromEntries(Object.entries(batch.columns).map(([name, { shape, data }]) => [name, [shape, Array.from<unknown>(data)]]));
};
const expected = { age: [[2], [30n, 41n]], city: [[2], ['Rome', '']], height: [[2], [1.5, NaN]] };

test('the four forms and CSV say the same', () => {
  const rows = [
    [30, 'Rome', 1.5],
    [41, null, null],
  ];
  const names = ['age', 'city', 'height'];
  const records = rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])));
  assert.deepEqual(read({ dataframe_split: { columns: names, index: [7, 8], data: rows } }), expected);
  assert.deepEqual(
    read({ dataframe_split: { columns: ['x', ...names.toReversed()], data: rows.map((row) => [0, ...row.toReversed()]) } }),
    expected,
  );
  assert.deepEqual(read({ dataframe_records: [records[0], { age: 41, city: null, height: null }] }), expected);
  assert.deepEqual(read({ instances: records, other: 1 }), expected);
  assert.deepEqual(read({ inputs: Object.fromEntries(names.map((name, at) => [name, rows.map((row) => row[at])])) }), expected);
  const csv = ',age,city,height\r\n0,30,Rome,1.5\r\n1,41,,NaN\r\n';
  assert.deepEqual(toBatch(fromCsv(csv), people, { ...options, isText: true }).columns['age']?.data, BigInt64Array.of(30n, 41n));
  assert.deepEqual(toBatch(fromCsv(csv), people, { ...options, isText: true }).columns['city']?.missing, [false, true]);
});

test('a matrix takes its columns by name; without names on either side by place', () => {
  const found = {
    X: [
      [2, 2],
      [1, 2, 3, 4],
    ],
  };
  assert.deepEqual(
    read(
      {
        dataframe_split: {
          columns: ['b', 'a'],
          data: [
            [2, 1],
            [4, 3],
          ],
        },
      },
      matrix,
    ),
    found,
  );
  assert.deepEqual(
    read(
      {
        inputs: [
          [1, 2],
          [3, 4],
        ],
      },
      matrix,
    ),
    found,
  );
  assert.deepEqual(
    read(
      {
        instances: [
          [1, 2],
          [3, 4],
        ],
      },
      target([input('X', 'FP32', 2)]),
    ),
    found,
  );
  assert.deepEqual(
    read(
      {
        dataframe_split: {
          columns: ['q', 'r'],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      target([input('X', 'FP32', 2)]),
    ),
    found,
  );
  const tensor: ModelSchema = { inputs: [{ kind: 'tensor', name: null, dtype: 'float32', shape: [-1, 2] }], outputs: [], params: [] };
  assert.deepEqual(
    read(
      {
        inputs: {
          X: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      target([input('X', 'FP32', 2)], tensor),
    ),
    found,
  );
  assert.deepEqual(read({ inputs: [1, 2] }, target([input('x')])), { x: [[2], [1, 2]] });
});

for (const [name, body, problem, model] of [
  ['a list', [1], /exactly one of the input fields .*Received a list/],
  ['none of the forms', { data: [] }, /Received dictionary with input fields: \['data'\]/],
  ['two of them', { inputs: [], instances: [] }, /\['inputs', 'instances'\]/],
  ['a signature name', { inputs: [1], signature_name: 'x' }, /signature_name/],
  ['rows of unequal length', { dataframe_split: { columns: ['age', 'city'], data: [[1, 'a'], [2]] } }, /Row 1 .* 1 values for 2 columns/],
  ['a strange field', { dataframe_split: { data: [], dtypes: {} } }, /'dtypes'/],
  [
    'a missing column',
    { dataframe_records: [{ age: 1, height: 2, size: 3 }] },
    /Model is missing inputs \['city'\]\. Note that there were extra inputs: \['size'\]/,
  ],
  [
    'a fraction for a long',
    { dataframe_records: [{ age: 1.5, height: 2, city: 'x' }] },
    /column age \(row 0\)\. Can not safely convert a fraction to long/,
  ],
  ['a missing long', { dataframe_records: [{ age: null, height: 2, city: 'x' }] }, /declare the column double/],
  ['a number for a text', { dataframe_records: [{ age: 1, height: 2, city: 3 }] }, /column city \(row 0\)/],
  ['instances with other fields', { instances: [{ age: 1 }, { city: 'x' }] }, /same fields/],
  ['columns of unequal length', { inputs: { age: [1, 2], city: ['a'] } }, /'city' has 1 rows where 'age' has 2/],
  ['too few columns', { inputs: [[1], [2]] }, /takes 3 columns, and the request has 1/],
  ['no rows', { dataframe_records: [] }, /missing inputs|no row/],
  ['a ragged tensor', { inputs: { X: [[1, 2], [3]] } }, /not all of one length/, target([input('X', 'FP32', 2)])],
  [
    'a tensor of another shape',
    { inputs: { X: [[1, 2, 3]] } },
    /\(1, 3\) does not match the expected shape \(-1, 2\)/,
    target([input('X', 'FP32', 2)]),
  ],
] as const) {
  test(`${name} is refused in one line`, () => {
    assert.throws(
      () => read(body, model ?? people),
      (error) =>
        (isFault(error, 'request_invalid') || isFault(error, 'schema_mismatch')) &&
        problem.test(error.message) &&
        !error.message.includes('\n'),
    );
  });
}

test('more rows than are taken at once are refused', () => {
  const body = { dataframe_split: { columns: ['a', 'b'], data: Array.from({ length: 101 }, () => [1, 2]) } };
  assert.throws(() => read(body, matrix), /101 rows; at most 100/);
});

test('integers beyond 2^53 keep their digits', () => {
  const [rows] = [[{ age: 9007199254740993n, city: 'x', height: 1 }]];
  assert.deepEqual(read({ dataframe_records: rows })['age'], [[1], [9007199254740993n]]);
});

test('an open model takes what it is sent, by what the values are', () => {
  const batch = toBatch(
    toFrame({
      dataframe_records: [
        { a: 1, b: 'x', c: true, d: 1.5 },
        { a: 2, b: null, c: false },
      ],
    }).frame,
    { inputs: [], schema: null, open: true },
    options,
  );
  assert.deepEqual(
    Object.entries(batch.columns).map(([name, { datatype, data, missing }]) => [name, datatype, Array.from<unknown>(data), missing]),
    [
      ['a', 'INT64', [1n, 2n], undefined],
      ['b', 'BYTES', ['x', ''], [false, true]],
      ['c', 'BOOL', [1, 0], undefined],
      ['d', 'FP64', [1.5, NaN], undefined],
    ],
  );
});

test('parameters are converted as MLflow does, and defaults filled in', () => {
  const schema = [
    { name: 'top', type: 'long' as const, list: false, byDefault: 3 },
    { name: 'weights', type: 'double' as const, list: true, byDefault: null },
  ];
  assert.deepEqual(enforceParams({ top: 5, weights: [1, 2.5], strange: 1 }, schema), { top: 5, weights: [1, 2.5] });
  assert.deepEqual(enforceParams(undefined, schema), { top: 3, weights: null });
  assert.equal(enforceParams({ any: 1 }, []), undefined);
  assert.throws(() => enforceParams({ top: 1.5 }, schema), /param 'top'\. Can not safely convert a fraction to long/);
  assert.throws(() => enforceParams({ weights: 1 }, schema), /a list of double/);
  assert.throws(() => enforceParams([1], schema), /must be a dictionary/);
});

test('CSV of any text comes back as it was written', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '1'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 5 }), (rows) => {
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = [['x', 'y'], ...rows].map((row) => row.map(quote).join(',')).join('\r\n');
      const table = fromCsv(text);
      assert.deepEqual(
        rows.map((_, row) => table.cells.map((cells) => cells[row])),
        rows,
      );
    }),
  );
  assert.throws(() => fromCsv('a,b\n1'), /Row 0 of the CSV has 1 fields for 2/);
  assert.throws(() => fromCsv('a,a\n1,2'), /twice/);
  assert.throws(() => fromCsv('"a'), /inside a quoted/);
  assert.deepEqual(fromCsv('a,b\n1,\n').cells, [['1'], [null]]);
});
