import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFloat } from './files.ts';
import { createValueReader, toModelStatus, toStage, toStatus } from './read.ts';

test('numbers are read as Python writes them', () => {
  assert.deepEqual(['nan', 'inf', '-inf', '1e-05', '-0.0', '5', '.5', '1e+300'].map(toFloat), [
    Number.NaN,
    Infinity,
    -Infinity,
    1e-5,
    -0,
    5,
    0.5,
    1e300,
  ]);
  assert.deepEqual(['', 'x', '1,5', '0x10', '1e'].map(toFloat), Array.from({ length: 5 }));
});

test('enums are read by name and by number', () => {
  assert.deepEqual(['FINISHED', '3', 'RUNNING', '1', 'KILLED', ''].map(toStatus), [
    'finished',
    'finished',
    'running',
    'running',
    'killed',
    'running',
  ]);
  assert.deepEqual(['2', 'READY', 'LOGGED_MODEL_UPLOAD_FAILED', '3', '1', ''].map(toModelStatus), [
    'ready',
    'ready',
    'failed',
    'failed',
    'pending',
    'pending',
  ]);
  assert.deepEqual(['production', 'None', 'gone'].map(toStage), ['Production', 'None', 'None']);
});

test('what no store here keeps is told, with its place', () => {
  const told: string[] = [];
  const { text, whole } = createValueReader((place, problem) => told.push(`${place}: ${problem}`));
  assert.deepEqual(
    [text('a', 'x\u0000y'), text('b', null), text('c', 5), whole('d', '7', 0), whole('e', null, null)],
    ['x\ufffdy', '', '5', 7, null],
  );
  assert.equal(whole('f', 2n ** 60n, 0), 0);
  assert.deepEqual(
    told.map((line) => line.slice(0, 2)),
    ['a:', 'f:'],
  );
});
