import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { checkLabel, fromRefText, fromSelectorText, toRefText } from './ref.ts';

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

test('a version is also meant by its number, a tag or a branch; "latest" is the newest of the main branch', () => {
  const newest = { dataset: 'mail', version: undefined, label: undefined };
  assert.deepEqual(fromSelectorText('mail'), newest);
  assert.deepEqual(fromSelectorText('mail:latest'), newest);
  assert.deepEqual(fromSelectorText('mail:12'), { ...newest, version: 12 });
  assert.deepEqual(fromSelectorText('mail:fix-labels.2'), { ...newest, label: 'fix-labels.2' });
  for (const text of ['mail:', 'mail:0', 'mail:01', 'mail:-x', 'mail:a/b', 'mail:a b', 'mail:1a', `mail:${'x'.repeat(65)}`, 'mail:a\n'])
    assert.throws(
      () => fromSelectorText(text),
      (error) => isFault(error, 'invalid_input'),
      text,
    );
});

test('a tag or branch has a name that no number or option is mistaken for', () => {
  for (const name of ['gold', 'v1.0', 'A-b_c']) checkLabel('tag', name);
  for (const name of ['', '1', 'latest', '-x', 'a b', 'a/b', 'a:b', 'x'.repeat(65)])
    assert.throws(
      () => checkLabel('branch', name),
      (error) => isFault(error, 'invalid_input'),
      name,
    );
});
