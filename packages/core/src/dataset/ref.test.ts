import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { fromRefText, toRefText } from './ref.ts';

test('a reference reads back as it was written; without a number it means the latest', () => {
  assert.deepEqual(fromRefText(toRefText({ dataset: 'mail.v2-a_b', version: 12 })), { dataset: 'mail.v2-a_b', version: 12 });
  assert.deepEqual(fromRefText('mail'), { dataset: 'mail', version: undefined });
});

test('anything else is refused', () => {
  for (const text of [
    '',
    ':1',
    'mail:',
    'mail:0',
    'mail:01',
    'mail:-1',
    'mail:1:2',
    '../mail',
    'a b',
    'mail:1\n',
    'x'.repeat(129),
    '.mail',
  ])
    assert.throws(
      () => fromRefText(text),
      (error) => isFault(error, 'invalid_input'),
      JSON.stringify(text),
    );
});
