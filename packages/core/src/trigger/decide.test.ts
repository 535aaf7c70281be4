import assert from 'node:assert/strict';
import test from 'node:test';
import { concernsTrigger, cooldownEnd, decideTrigger } from './decide.ts';
import type { TriggerSpec } from './types.ts';

const spec: TriggerSpec = { name: 'retrain', pipeline: 'spam', monitor: 'mail', kinds: ['drift'], cooldownMs: 60_000, params: {} };

test('the filter: monitor and kind', () => {
  assert.ok(concernsTrigger(spec, { monitor: 'mail', kind: 'drift' }));
  assert.ok(!concernsTrigger(spec, { monitor: 'mail', kind: 'quality' }));
  assert.ok(!concernsTrigger(spec, { monitor: 'other', kind: 'drift' }));
  assert.ok(concernsTrigger({ ...spec, kinds: [] }, { monitor: 'mail', kind: 'quality' }));
});

test('it starts when no run is under way and the cool-down has passed', () => {
  assert.deepEqual(decideTrigger(spec, { lastStart: undefined, activeRun: undefined }, 5), { start: true });
  assert.deepEqual(decideTrigger(spec, { lastStart: 1_000, activeRun: undefined }, 61_000), { start: true });
  const cooling = decideTrigger(spec, { lastStart: 1_000, activeRun: undefined }, 60_999);
  assert.ok(!cooling.start && /lasts another 1 s/.test(cooling.reason));
  const active = decideTrigger(spec, { lastStart: undefined, activeRun: 'r1' }, 5);
  assert.ok(!active.start && /Run r1 of pipeline "spam"/.test(active.reason));
});

test('the end of the cool-down', () => {
  assert.equal(cooldownEnd(spec, undefined, 0), undefined);
  assert.equal(cooldownEnd(spec, 1_000, 2_000), 61_000);
  assert.equal(cooldownEnd(spec, 1_000, 61_000), undefined);
});
