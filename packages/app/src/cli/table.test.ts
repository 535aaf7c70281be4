import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toFields, toTable } from './table.ts';
import type { Column } from './table.ts';
import { widthOf } from './text.ts';

interface Row {
  readonly name: string;
  readonly size: number | null;
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'SIZE', value: (row) => row.size, align: 'right' },
];
const plain = { width: undefined, color: false };

test('columns are aligned, numbers to the right, nothing is a dash', () => {
  const text = toTable(
    [
      { name: 'mail', size: 12 },
      { name: '漢字', size: null },
      { name: 'a long name', size: 3456 },
    ],
    columns,
    plain,
  );
  assert.equal(text, 'NAME         SIZE\nmail           12\n漢字            –\na long name  3456');
});

test('a table without rows is its titles', () => {
  assert.equal(toTable([], columns, plain), 'NAME  SIZE');
});

test('the widest column gives way to a narrow terminal', () => {
  const text = toTable([{ name: 'x'.repeat(60), size: 1 }], columns, { width: 30, color: false });
  assert.equal(text, `NAME${' '.repeat(20)}  SIZE\n${'x'.repeat(23)}…     1`);
});

test('colours change no width and only what has a style', () => {
  const styled: readonly Column<Row>[] = [
    { title: 'NAME', value: (row) => row.name, style: (row) => (row.size === null ? 'bad' : undefined) },
  ];
  const text = toTable(
    [
      { name: 'a', size: null },
      { name: 'bcdef', size: 1 },
    ],
    styled,
    { width: undefined, color: true },
  );
  assert.equal(text, '\u001b[2mNAME \u001b[0m\n\u001b[31ma    \u001b[0m\nbcdef');
});

test('no line is wider than the terminal, and a value stays on its line', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 80 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: text, size: fc.integer() }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 20, max: 100 }),
      (rows, width) => {
        const lines = toTable(rows, columns, { width, color: false }).split('\n');
        assert.equal(lines.length, rows.length + 1);
        for (const line of lines) assert.ok(widthOf(line) <= width, `${widthOf(line)} > ${width}: ${line}`);
      },
    ),
  );
});

test('fields stand below each other', () => {
  const text = toFields([
    ['Run', 'abc'],
    ['Commit', null],
    ['Note', 'two\nlines'],
  ]);
  assert.equal(text, 'Run     abc\nCommit  –\nNote    two lines');
});
