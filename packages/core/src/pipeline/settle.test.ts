import assert from 'node:assert/strict';
import test from 'node:test';
import type { Scope } from './expression/evaluate.ts';
import { effectOf, openTask, paramsScope, toRunState } from './settle.ts';
import type { PipelineStep } from './types.ts';

const step = (more: Partial<PipelineStep> = {}): PipelineStep => ({
  name: 's',
  run: 'true',
  inputs: {},
  outputs: {},
  params: [],
  code: [],
  after: [],
  retries: 0,
  timeoutMs: 1,
  cache: true,
  ...more,
});
const scope: Scope = { param: (name) => ({ rate: 0.5, days: [1, 2], name: 'spam' })[name], output: () => undefined };
const open = (more: Partial<PipelineStep>, item?: number) =>
  openTask(step(more), item !== undefined, item === undefined ? scope : { ...scope, item, index: item });
const event = (more: Partial<PipelineStep>, item?: number) => {
  const opening = open(more, item);
  assert.ok(opening.type === 'event');
  return opening.event;
};

test('what the end of an upstream means', () => {
  const types = (more: Partial<PipelineStep>) =>
    (['succeeded', 'cached', 'skipped', 'failed', 'blocked', 'canceled'] as const).map((state) => effectOf(step(more), state).type);
  assert.deepEqual(types({}), ['upstream_ended', 'upstream_ended', 'skip', 'block', 'block', 'block']);
  assert.deepEqual(
    types({ always: true }),
    Array.from({ length: 6 }, () => 'upstream_ended'),
  );
});

test('what becomes of a step that nothing holds back', () => {
  assert.deepEqual(event({}), { type: 'ready', pool: null });
  assert.deepEqual(event({ if: 'params.rate > 0.4', pool: { name: 'train-${params.name}', slots: 3 } }), {
    type: 'ready',
    pool: { name: 'train-spam', slots: 3 },
  });
  assert.equal(event({ if: 'params.rate > 0.6' }).type, 'skip');
  assert.equal(event({ approve: 'Go on?' }).type, 'ask');
  const refused = event({ if: 'params.rate' });
  assert.ok(refused.type === 'refuse' && refused.error.includes('a condition is true or false'));
});

test('a fan-out: a condition that names the element is decided for each, any other once', () => {
  const foreach = { in: 'params.days', parallelism: 0 };
  assert.deepEqual(open({ foreach }), { type: 'expand', items: [1, 2] });
  assert.deepEqual(open({ foreach: { in: ['a'], parallelism: 0 } }), { type: 'expand', items: ['a'] });
  assert.equal(event({ foreach, if: 'params.rate > 0.6' }).type, 'skip');
  assert.equal(open({ foreach, if: 'item > 1' }).type, 'expand');
  assert.deepEqual([event({ foreach, if: 'item > 1' }, 1).type, event({ foreach, if: 'item > 1' }, 2).type], ['skip', 'ready']);
  const refused = event({ foreach: { in: 'params.name', parallelism: 0 } });
  assert.ok(refused.type === 'refuse' && refused.error.includes('foreach needs a list'));
  const many = event({ foreach: { in: 'range(10000) == [] ? [] : params.rate', parallelism: 0 } });
  assert.equal(many.type, 'refuse');
});

test('a run has failed when a task failed, whatever ran after it, and is canceled when that was asked for', () => {
  assert.equal(toRunState({ succeeded: 2, cached: 1, skipped: 1 }, false), 'succeeded');
  assert.equal(toRunState({ succeeded: 2, failed: 1 }, false), 'failed');
  assert.equal(toRunState({ blocked: 1 }, false), 'failed');
  assert.equal(toRunState({ succeeded: 1 }, true), 'canceled');
  assert.equal(toRunState({ failed: 1, canceled: 1 }, true), 'canceled');
});

test('parameters are values of their types', () => {
  const types = { n: { type: 'int' }, list: { type: 'json' }, on: { type: 'bool' } } as const;
  const param = paramsScope(
    { name: 'p', experiment: 'e', params: {}, parameters: types, steps: [] },
    { n: '3', list: '[1]', on: 'true', text: '3' },
  );
  assert.deepEqual([param('n'), param('list'), param('on'), param('text'), param('constructor')], [3, [1], true, '3', undefined]);
});
