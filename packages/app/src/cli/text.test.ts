import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, paint, toLine, widthOf, withoutControls } from './text.ts';

test('width counts columns, not code units', () => {
  const widths = ['abc', '漢字', 'e\u0301', '👩‍👩‍👧', '한글', 'ﬁ', '', 'ａ', '❤️', '–'].map(widthOf);
  assert.deepEqual(widths, [3, 4, 1, 2, 4, 1, 0, 2, 2, 1]);
});

test('cutting never breaks a wide character in two', () => {
  assert.equal(cut('abcdef', 6), 'abcdef');
  assert.equal(cut('abcdef', 4), 'abc…');
  assert.equal(cut('漢字漢字', 4), '漢…');
  assert.equal(widthOf(cut('漢字漢字', 5)), 5);
  assert.equal(cut('abc', 1), '…');
  assert.equal(cut('abc', 0), '');
});

test('what would steer a terminal is taken out', () => {
  assert.equal(toLine('a\u001b[2Jb\r\nc\u0007'), 'a [2Jb c');
});

test('paint adds nothing without colours', () => {
  assert.equal(paint('x', 'good', false), 'x');
  assert.equal(paint('x', undefined, true), 'x');
  assert.equal(paint('x', 'good', true), '\u001b[32mx\u001b[0m');
});

test('what a program wrote steers no terminal', () => {
  assert.equal(withoutControls('a\u001b[31mred\u001b[0m\tb\u001b[2J\u0007\r\n'), 'ared\tb[2J\n');
});
