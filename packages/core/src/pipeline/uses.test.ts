import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUses } from './uses.ts';

test('a function is named by its file in the project and its name', () => {
  assert.deepEqual(parseUses('src/train.py:train'), { language: 'python', file: 'src/train.py', name: 'train' });
  assert.deepEqual(parseUses('a.b.ts:$x'), { language: 'node', file: 'a.b.ts', name: '$x' });
  for (const text of ['train.py', 'train:train', 'train.rb:x', '/etc/x.py:x', '../x.py:x', 'a\\b.py:x', 'x.py:a.b', 'x.py:', '.py:'])
    assert.equal(parseUses(text), undefined, text);
});
