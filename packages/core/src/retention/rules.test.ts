import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePrediction, predictionCut, readPositions } from './rules.ts';
import type { Need } from './rules.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
const policy = { predictionMs: 90 * DAY, predictionRows: null, eventMs: null, logMs: null };
const everything = { seq: Infinity, by: '' };
const read = { predictions: everything, labels: everything };
const row = (days: number, change: object = {}) => ({ seq: 10, endpoint: 'spam', time: NOW - days * DAY, lastChange: null, ...change });

test('the slowest reader of each stream counts, and no monitor that is gone', () => {
  const cursors = [
    { name: 'rollout predictions', seq: 50 },
    { name: 'monitor predictions', seq: 60 },
    { name: 'monitor predictions of drift', seq: 41 },
    { name: 'monitor predictions of gone', seq: 3 },
    { name: 'monitor predictions of fresh', seq: 0 },
    { name: 'rollout labels', seq: 7 },
    { name: 'gate', seq: 90 },
    { name: 'webhook outbox', seq: 80 },
  ];
  assert.deepEqual(readPositions(cursors, ['drift', 'fresh']), {
    predictions: { seq: 40, by: 'monitor predictions of drift' },
    labels: { seq: 7, by: 'rollout labels' },
    events: { seq: 80, by: 'webhook outbox' },
  });
  assert.equal(readPositions([], []).events.seq, Infinity);
});

test('a prediction goes once it is old, was read by all, and nothing looks back at it', () => {
  const cut = predictionCut(policy, NOW, 100, read, []);
  assert.equal(judgePrediction(cut, row(89)), 'stays');
  assert.equal(judgePrediction(cut, row(91)), 'goes');
  const unread = predictionCut(policy, NOW, 100, { ...read, predictions: { seq: 9, by: 'monitor predictions' } }, []);
  assert.deepEqual(judgePrediction(unread, row(91)), { kind: 'reader', name: 'monitor predictions' });
  assert.equal(judgePrediction(unread, row(91, { seq: 9 })), 'goes');
  const label = predictionCut(policy, NOW, 100, { ...read, labels: { seq: 4, by: 'rollout labels' } }, []);
  assert.deepEqual(judgePrediction(label, row(91, { lastChange: 5 })), { kind: 'reader', name: 'rollout labels' });
  assert.equal(judgePrediction(label, row(91, { lastChange: 4 })), 'goes');
});

test('of what needs an endpoint the longest look back counts, for that endpoint only', () => {
  const need = (days: number, name: string): Need => ({ endpoint: 'spam', from: NOW - days * DAY, by: { kind: 'rollout', name } });
  const cut = predictionCut(policy, NOW, 100, read, [need(95, 'short'), need(120, 'long')]);
  assert.deepEqual(judgePrediction(cut, row(110)), { kind: 'rollout', name: 'long' });
  assert.equal(judgePrediction(cut, row(121)), 'goes');
  assert.equal(judgePrediction(cut, row(110, { endpoint: 'other' })), 'goes');
});

test('more rows than are to be kept go whatever their age', () => {
  const cut = predictionCut({ ...policy, predictionMs: null, predictionRows: 90 }, NOW, 100, read, []);
  assert.equal(judgePrediction(cut, row(0)), 'goes');
  assert.equal(judgePrediction(cut, row(5000, { seq: 11 })), 'stays');
});
