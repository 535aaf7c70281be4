import assert from 'node:assert/strict';
import test from 'node:test';
import { decideTrigger, filterEvent, matches, toSpan } from './decide.ts';
import type { TriggerSituation } from './decide.ts';
import { fillTemplate, readField, templateProblem } from './template.ts';
import type { TriggerSpec } from './types.ts';

const DAY = 86_400_000;
const spec: TriggerSpec = {
  name: 'retrain',
  pipeline: 'spam',
  on: { kind: 'alert', monitor: 'mail', kinds: ['drift'] },
  filter: {},
  dedupe: { key: null, windowMs: DAY },
  group: null,
  merge: true,
  debounce: { quietMs: 0, maxWaitMs: 0 },
  cooldownMs: 0,
  maxActive: 1,
  policy: 'queue',
  budget: null,
  params: {},
};
const situation: TriggerSituation = { first: 0, last: 0, datasets: [], lastStart: undefined, active: [], starts: [] };

test('nothing in the way: it starts', () => {
  assert.deepEqual(decideTrigger(spec, situation, 5), { type: 'start', replaces: [] });
});

test('cool-down: until its very end', () => {
  const cooling = { ...spec, cooldownMs: 60_000 };
  const before = decideTrigger(cooling, { ...situation, lastStart: 1000 }, 60_999);
  assert.ok(before.type === 'wait' && before.stage === 'cooldown' && before.until === 61_000);
  assert.match(before.reason, /lasts another 1 s/);
  assert.equal(decideTrigger(cooling, { ...situation, lastStart: 1000 }, 61_000).type, 'start');
});

test('debounce: quiet, but not for ever', () => {
  const debounced = { ...spec, debounce: { quietMs: 10, maxWaitMs: 100 } };
  const look = (first: number, last: number, now: number) => decideTrigger(debounced, { ...situation, first, last }, now).type;
  assert.deepEqual([look(0, 5, 14), look(0, 5, 15), look(0, 95, 99), look(0, 95, 100)], ['wait', 'start', 'wait', 'start']);
});

test('concurrency: queue, skip, replace', () => {
  const busy = { ...situation, active: ['r1', 'r2'] };
  const queued = decideTrigger(spec, busy, 5);
  assert.ok(queued.type === 'wait' && /Run r1 of pipeline "spam"/.test(queued.reason));
  assert.equal(decideTrigger({ ...spec, policy: 'skip' }, busy, 5).type, 'drop');
  assert.deepEqual(decideTrigger({ ...spec, policy: 'replace', maxActive: 2 }, busy, 5), { type: 'start', replaces: ['r1'] });
  assert.equal(decideTrigger({ ...spec, maxActive: 3 }, busy, 5).type, 'start');
});

test('the budget is of any 24 hours', () => {
  const limited = { ...spec, budget: 2 };
  const look = (starts: readonly number[], now: number) => decideTrigger(limited, { ...situation, starts }, now).type;
  assert.deepEqual([look([10], 20), look([10, 5], DAY + 4), look([10, 5], DAY + 5)], ['start', 'wait', 'start']);
});

test('all of several datasets', () => {
  const all = { ...spec, on: { kind: 'dataset', need: 'all', datasets: ['a', 'b'] } } as const;
  const held = decideTrigger(all, { ...situation, datasets: ['a', 'a'] }, 5);
  assert.ok(held.type === 'wait' && held.stage === 'condition' && /new version of "b"\./.test(held.reason));
  assert.equal(decideTrigger(all, { ...situation, datasets: ['b', 'a'] }, 5).type, 'start');
});

test('the filter reads fields, and * stands for anything', () => {
  const filtered = { ...spec, filter: { 'data.branch': ['main', 'release/*'] } };
  assert.equal(filterEvent(filtered, { data: { branch: 'main' } }), undefined);
  assert.equal(filterEvent(filtered, { data: { branch: 'release/7' } }), undefined);
  assert.match(filterEvent(filtered, { data: { branch: 'x' } }) ?? '', /"data.branch" is "x"/);
  assert.match(filterEvent(filtered, {}) ?? '', /has no "data.branch"/);
  assert.deepEqual(
    [
      matches('a*b*c', 'a-b-c'),
      matches('a*b*c', 'abc'),
      matches('a*b', 'a'),
      matches('ab*ba', 'aba'),
      matches('*', ''),
      matches('a*a', 'a'),
    ],
    [true, true, false, false, true, false],
  );
});

test('templates take from the event and from nothing else', () => {
  const content = { type: 't', data: { n: 3, list: ['x', { y: true }] } };
  assert.equal(fillTemplate('{{event.type}}/{{ event.data.n }}/{{event.data.list.1.y}}/{{event.data.no}}', content), 't/3/true/');
  assert.equal(readField(content, 'data.list'), '["x",{"y":true}]');
  assert.equal(readField(content, 'data.constructor'), undefined);
  assert.match(templateProblem('{{ process.env }}') ?? '', /is no field of an event/);
});

test('lengths of time read well', () => {
  assert.deepEqual([1, 61_000, 3_600_000, 90_000_000].map(toSpan), ['1 s', '1 min 1 s', '1 h', '1 d 1 h']);
});
