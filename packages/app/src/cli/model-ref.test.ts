import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from './exit.ts';
import { takeVersion, toModelRef, toVersionRef } from './model-ref.ts';

test('a version is written as people, as Pawl and as MLflow write it', () => {
  for (const text of ['mail:3', 'mail/3', 'models:/mail/3', 'models:/mail:3', 'models:///mail/3'])
    assert.deepEqual(toModelRef(text), { name: 'mail', version: '3' }, text);
  for (const text of ['mail@champion', 'models:/mail@champion', 'mail:champion'])
    assert.deepEqual(toModelRef(text), { name: 'mail', version: 'champion' }, text);
  assert.deepEqual(toModelRef('models:/mail/Production'), { name: 'mail', version: 'Production' });
  assert.deepEqual(toModelRef('mail'), { name: 'mail', version: undefined });
  assert.deepEqual(toModelRef('a b.c-d'), { name: 'a b.c-d', version: undefined });
});

test('what names no version is told how to name one', () => {
  assert.throws(() => toVersionRef('mail'), /write mail:VERSION/);
  assert.throws(() => toModelRef(`models:/m-${'0'.repeat(32)}`), /is a logged model/);
  for (const text of ['', ':3', 'a:b:c', 'models:/', 'mail:', 'mail@']) assert.throws(() => toModelRef(text), UsageError, text);
});

test('one word or two name the version before what follows', () => {
  assert.deepEqual(takeVersion(['mail:3', 'Staging'], 1, ''), { name: 'mail', version: '3', rest: ['Staging'] });
  assert.deepEqual(takeVersion(['mail', '3', 'Staging'], 1, ''), { name: 'mail', version: '3', rest: ['Staging'] });
  assert.deepEqual(takeVersion(['mail@new'], 0, ''), { name: 'mail', version: 'new', rest: [] });
  assert.throws(() => takeVersion(['mail:3', '4', 'Staging'], 1, 'x'), /Write it as x/);
  assert.throws(() => takeVersion(['mail', '3', '4', '5'], 1, 'x'), UsageError);
});
