import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toTree } from './tree.ts';

test('a tree draws what rests on what', () => {
  const tree = {
    text: 'root',
    under: [
      { text: 'a', under: [{ text: 'b' }, { text: 'c\n' }] },
      { text: 'd', under: [{ text: 'e' }] },
    ],
  };
  assert.equal(toTree(tree), 'root\n├─ a\n│  ├─ b\n│  └─ c\n└─ d\n   └─ e');
});
