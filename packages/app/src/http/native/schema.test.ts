import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { momentSchema, pageFrom, toNumber, toTime } from './schema.ts';

test('pages of a whole list follow each other and end', () => {
  const all = ['a', 'b', 'c', 'd'];
  const same = (item: string): string => item;
  const first = pageFrom(all, { limit: 2 }, same);
  assert.deepEqual(first.items, ['a', 'b']);
  const second = pageFrom(all, { limit: 2, after: first.next }, same);
  assert.deepEqual(second, { items: ['c', 'd'] });
  assert.deepEqual(pageFrom(all, { limit: 9 }, same), { items: all });
  assert.deepEqual(pageFrom([], { limit: 9 }, same), { items: [] });
  // What comes in front of a page that was given does not shift the next one.
  assert.deepEqual(pageFrom(['new', ...all], { limit: 2, after: first.next }, same).items, ['c', 'd']);
  assert.throws(
    () => pageFrom(all, { limit: 2, after: 'rubbish' }, same),
    (error) => isFault(error, 'invalid_cursor'),
  );
});

test('moments that RFC 3339 cannot write become the nearest that it can', () => {
  assert.equal(toTime(0), '1970-01-01T00:00:00.000Z');
  assert.equal(toTime(null), null);
  assert.equal(toTime(1.7e18), '9999-12-31T23:59:59.999Z');
  assert.equal(toTime(-1.7e18), '0000-01-01T00:00:00.000Z');
});

test('a moment is taken with any offset, and not without one', () => {
  assert.equal(momentSchema.parse('1970-01-01T02:00:00+02:00'), 0);
  assert.equal(momentSchema.safeParse('1970-01-01T02:00:00').success, false);
});

test('numbers that JSON cannot hold are written as text', () => {
  assert.deepEqual([1.5, Number.NaN, Infinity, -Infinity].map(toNumber), [1.5, 'NaN', 'Infinity', '-Infinity']);
});
