import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseToRest } from './rest.ts';

const model = (bytes: number, usedAt: number, busy = false) => ({ bytes, usedAt, busy });

test('what was not asked for longest goes first, and only as much as must', () => {
  const [old, middle, young] = [model(10, 1), model(10, 2), model(10, 3)];
  assert.deepEqual(chooseToRest([young, old, middle], 30), []);
  assert.deepEqual(chooseToRest([young, old, middle], 29), [old]);
  assert.deepEqual(chooseToRest([young, old, middle], 10), [old, middle]);
  assert.deepEqual(chooseToRest([young, old, middle], 0), []);
});

test('what is busy stays, even over the budget', () => {
  const [old, young] = [model(10, 1, true), model(10, 2)];
  assert.deepEqual(chooseToRest([old, young], 15), [young]);
  assert.deepEqual(chooseToRest([old, { ...young, busy: true }], 15), []);
});
