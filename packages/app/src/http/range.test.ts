import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseRange } from './range.ts';

test('ranges of RFC 9110', () => {
  for (const [header, expected] of [
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=0-99', { start: 0, end: 10 }],
    ['bytes=3-5', { start: 3, end: 6 }],
    ['Bytes= 9-', { start: 9, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-30', { start: 0, end: 10 }],
    ['bytes=10-', null],
    ['bytes=-0', null],
    ['bytes=5-3', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['items=0-1', undefined],
    ['bytes=a-b', undefined],
    [undefined, undefined],
  ] as const)
    assert.deepEqual(parseRange(header, 10), expected, header);
  assert.equal(parseRange('bytes=0-', 0), null);
});
