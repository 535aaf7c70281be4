import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SpanValue } from './types.ts';
import { fromSpanJson, toPlainValue, toSpanJson } from './value.ts';

const anything = fc.letrec<{ value: SpanValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('__proto__', '$bytes', '$double', '$$'),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.base64String().map((base64) => ({ base64 })),
    fc.array(tie('value')),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', '$bytes', '$double', '$', '$$bytes')), tie('value')))
      // Keys that look like numbers are put first by JSON.parse: their order is not kept, only their values.
      .map((pairs) => new Map(pairs.filter(([key]) => !/^(0|[1-9][0-9]*)$/.test(key)))),
  ),
})).value;

test('every value comes back as it was, integers as integers and doubles as doubles', () => {
  fc.assert(
    fc.property(anything, (value) => {
      assert.deepStrictEqual(fromSpanJson(toSpanJson(value)), value);
    }),
    { numRuns: 500 },
  );
});

test('a text is JSON that says what it is', () => {
  assert.equal(
    toSpanJson(
      new Map<string, SpanValue>([
        ['a', 1n],
        ['b', 1],
        ['c', 'x'],
        ['d', [true, null]],
      ]),
    ),
    '{"a":1,"b":1.0,"c":"x","d":[true,null]}',
  );
  assert.equal(toSpanJson(Number.NaN), '{"$double":"NaN"}');
  assert.equal(toSpanJson(2n ** 63n - 1n), '9223372036854775807');
  assert.deepEqual(fromSpanJson('{"a": [1, 1.5]}'), new Map([['a', [1n, 1.5]]]));
  assert.throws(() => fromSpanJson('{'), SyntaxError);
});

test('plain values lose no digit', () => {
  const value = new Map<string, SpanValue>([
    ['small', 5n],
    ['large', 2n ** 60n],
    ['nan', Number.NaN],
    ['bytes', { base64: 'AA==' }],
    ['list', [1.5]],
  ]);
  assert.deepEqual(toPlainValue(value), { small: 5, large: '1152921504606846976', nan: 'NaN', bytes: 'AA==', list: [1.5] });
});
