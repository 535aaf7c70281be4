import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toCanonicalJson } from './json.ts';

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, shuffled(member)]),
  );
}

test('the same value has one text, whatever the order of its keys, and the text parses back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = toCanonicalJson(value);
      assert.equal(toCanonicalJson(shuffled(value)), text);
      assert.equal(toCanonicalJson(JSON.parse(text)), text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
    { seed: 2 },
  );
});

test('keys by code unit, no white space, undefined members left out, minus zero as zero', () => {
  assert.equal(
    toCanonicalJson({ b: 1, a: [true, null, 'é'], B: -0, gone: undefined, 10: 1, 9: 2 }),
    '{"10":1,"9":2,"B":0,"a":[true,null,"é"],"b":1}',
  );
  assert.equal(toCanonicalJson({ '\u{1F600}': 1, '\uFB01': 2 }), '{"\u{1F600}":1,"\uFB01":2}');
});

test('what JSON cannot hold is refused, also deep inside', () => {
  const sparse: unknown[] = [];
  sparse[1] = 1;
  for (const value of [Number.NaN, Infinity, [undefined], sparse, { a: { b: -Infinity } }, 1n, () => 1, undefined])
    assert.throws(() => toCanonicalJson(value), RangeError);
});
