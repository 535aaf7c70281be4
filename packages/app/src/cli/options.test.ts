import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPair, toMoment, toNatural, toRefParts, toTruth, toWhole } from './options.ts';

test('pairs gather, and keep equal signs in their value', () => {
  assert.deepEqual(addPair('b=2=3', { a: '1' }), { a: '1', b: '2=3' });
  assert.deepEqual(addPair('a='), { a: '' });
  assert.throws(() => addPair('=1'), /name=value/);
  assert.throws(() => addPair('a'), /name=value/);
});

test('numbers, truths and moments are taken exactly or refused', () => {
  assert.equal(toWhole('12'), 12);
  assert.equal(toNatural('0'), 0);
  for (const text of ['0', '-1', '1.5', '1e3', '', ' 1']) assert.throws(() => toWhole(text), text);
  assert.equal(toTruth('false'), false);
  assert.throws(() => toTruth('no'), /true or false/);
  assert.equal(toMoment('2026-01-02T03:04:05+01:00'), '2026-01-02T02:04:05.000Z');
  assert.equal(toMoment('1000'), '1970-01-01T00:00:01.000Z');
  assert.throws(() => toMoment('soon'), /Use a time/);
});

test('a reference is split at its last colon', () => {
  assert.deepEqual(toRefParts('mail:3'), { name: 'mail', version: '3' });
  assert.deepEqual(toRefParts('mail'), { name: 'mail', version: undefined });
});
