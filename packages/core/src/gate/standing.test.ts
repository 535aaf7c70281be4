import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStanding, gateStanding } from './standing.ts';
import type { GateDecision } from './types.ts';

const pass: GateDecision = {
  id: 'd',
  gate: 'g',
  model: 'm',
  candidate: 3,
  champion: 2,
  evaluation: { dataset: 'e', version: 1 },
  verdict: 'PASS',
  checks: [],
  at: 0,
  forced: null,
};

test('a PASS counts against the version it was compared with', () => {
  assert.equal(gateStanding(pass, 3, 2), 'passed');
  assert.equal(gateStanding(pass, 3, 1), 'stale');
  assert.equal(gateStanding(pass, 3, null), 'stale');
  assert.equal(gateStanding({ ...pass, champion: null }, 3, null), 'passed');
  assert.equal(gateStanding({ ...pass, champion: null }, 3, 2), 'stale');
  assert.equal(gateStanding({ ...pass, verdict: 'INCONCLUSIVE' }, 3, 2), 'refused');
  assert.equal(gateStanding(undefined, 3, 2), 'undecided');
});

test('what is in Production needs no verdict, and a force does not age', () => {
  assert.equal(gateStanding(undefined, 3, 3), 'passed');
  const forced = { ...pass, verdict: 'FAIL', forced: { actor: 'user:a', reason: 'r', at: 1 } } as const;
  assert.equal(gateStanding(forced, 3, 9), 'forced');
});

test('the words name what it was compared with and what stands there now', () => {
  assert.equal(describeStanding('undecided', undefined, 2), 'nothing yet');
  assert.equal(describeStanding('refused', { ...pass, verdict: 'FAIL' }, 2), 'FAIL');
  assert.match(describeStanding('stale', pass, 4), /^PASS against version 2, and version 4 is in Production now/);
  assert.match(describeStanding('stale', { ...pass, champion: null }, null), /no version.*none/);
});
