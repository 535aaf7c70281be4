import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toUuid7 } from './uuid7.ts';

const bytes = fc.uint8Array({ minLength: 10, maxLength: 16 });
const moment = fc.nat({ max: 2 ** 48 - 1 });

test('the example of RFC 9562, appendix A.6', () => {
  const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  assert.equal(toUuid7(0x017f22e279b0, random), '017f22e279b07cc398c4dc0c0c07398f');
});

test('always 32 hex digits with version 7 and variant 10, in the order of time', () => {
  fc.assert(
    fc.property(moment, moment, bytes, bytes, (one, other, first, second) => {
      const id = toUuid7(one, first);
      assert.match(id, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
      if (one !== other) assert.equal(id < toUuid7(other, second), one < other);
    }),
    { seed: 1 },
  );
});

test('times that 48 bits do not hold, and too few random bytes, are refused', () => {
  const ten = new Uint8Array(10);
  assert.equal(toUuid7(2 ** 48 - 1, ten).length, 32);
  for (const time of [2 ** 48, -1, 0.5, Number.NaN]) assert.throws(() => toUuid7(time, ten), RangeError);
  assert.throws(() => toUuid7(0, new Uint8Array(9)), RangeError);
});
