import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { computeFeatures, FEATURES } from './features.ts';

function feature(name: string, subject: string, body: string): number {
  const value = computeFeatures({ subject, body })[FEATURES.indexOf(name)];
  assert.notEqual(value, undefined, `${name} is no feature`);
  return value ?? NaN;
}

test('every feature has one name, and every text gives a finite value for each', () => {
  assert.equal(new Set(FEATURES).size, FEATURES.length);
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom('<', '>', 'a ', '!', '\n', '=', '&#', '1', 'FREE '), maxLength: 80 }),
  );
  fc.assert(
    fc.property(text, text, (subject, body) => {
      const values = computeFeatures({ subject, body });
      assert.equal(values.length, FEATURES.length);
      assert.ok(values.every(Number.isFinite), JSON.stringify(values));
    }),
  );
});

test('word groups are shares of the words of the visible text', () => {
  assert.equal(feature('word_free', '', 'Free gift for someone'), 0.5);
  assert.equal(feature('word_free', '', '<html><p title="free">nothing</p></html>'), 0);
});

test('features mean what they are called', () => {
  assert.equal(feature('subject_reply', 'Re: lunch', ''), 1);
  assert.equal(feature('subject_reply', 'Regarding lunch', ''), 0);
  assert.equal(feature('subject_caps', 'AB cd', ''), 0.5);
  assert.equal(feature('subject_code', 'Cheap loans 18070', ''), 1);
  assert.equal(feature('html', '', '<html><b>x</b></html>'), 1);
  assert.equal(feature('html', '', 'a < b'), 0);
  assert.equal(feature('links', '', 'see http://a.example/ and https://b.example/'), Math.log1p(2));
  assert.equal(feature('link_ip', '', 'http://202.101.163.34:81/sites'), 1);
  assert.equal(feature('link_ip', '', 'http://www.2ubh.example/'), 0);
  assert.equal(feature('quoted_lines', '', '> was\nis'), 0.5);
  assert.equal(feature('non_ascii', '', 'é é '), 0.5);
});
