import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONSOLE_HEAD_BYTES, CONSOLE_TAIL_BYTES, placeLines } from './console.ts';
import type { ConsoleState, ConsoleText } from './types.ts';

const empty: ConsoleState = { last: 0, headBytes: 0, tailBytes: 0 };
const line = (text: string): ConsoleText => ({ time: 1, stream: 'stdout', text });

test('lines taken before are left out, also of a chunk that overlaps', () => {
  const placed = placeLines(empty, { first: 1, lines: [line('a'), line('b')] });
  assert.equal(placed?.state.last, 2);
  assert.equal(placeLines(placed.state, { first: 1, lines: [line('a'), line('b')] }), undefined);
  const next = placeLines(placed.state, { first: 2, lines: [line('b'), line('c')] });
  assert.deepEqual(next?.chunk, { first: 3, lines: [line('c')] });
  assert.equal(next.state.last, 3);
});

test('a jump in the numbers is kept', () => {
  const placed = placeLines({ ...empty, last: 2 }, { first: 10, lines: [line('x')] });
  assert.deepEqual([placed?.chunk.first, placed?.state.last], [10, 10]);
});

test('the head fills first and nothing returns to it; the tail says what it must drop', () => {
  const half = line('x'.repeat(CONSOLE_HEAD_BYTES * 0.6));
  const first = placeLines(empty, { first: 1, lines: [half] });
  assert.equal(first?.part, 'head');
  const second = placeLines(first.state, { first: 2, lines: [half] });
  assert.deepEqual([second?.part, second?.excess], ['tail', 0]);
  assert.equal(second && placeLines(second.state, { first: 3, lines: [line('small')] })?.part, 'tail');
  const full = placeLines({ last: 9, headBytes: 1, tailBytes: CONSOLE_TAIL_BYTES }, { first: 10, lines: [line('abcdef')] });
  assert.equal(full?.excess, 30);
});
