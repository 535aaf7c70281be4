import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideRequest, describeTarget, grantsItself } from './request.ts';
import type { StageDecision, StageRequest } from './request.ts';

const rule = { approvers: ['user:lead-*', 'user:ann'], fourEyes: true, expiresMs: 10 };

const request: StageRequest = {
  id: 'r',
  model: 'm',
  version: 2,
  stage: 'Production',
  alias: null,
  archiveOthers: null,
  reason: 'better',
  forced: null,
  state: 'pending',
  requestedBy: 'user:ann',
  requestedAt: 0,
  expiresAt: 100,
  decidedBy: null,
  decidedAt: null,
  note: '',
  revision: 1,
};

const decide = (decision: StageDecision, actor: string, change: Partial<StageRequest> = {}, now = 50): StageRequest =>
  decideRequest({ ...request, ...change }, rule, { decision, actor, note: 'n', now });

test('approvers grant and refuse; who asked withdraws, and grants nothing of his own', () => {
  const granted = decide('grant', 'user:lead-bob');
  assert.deepEqual(
    [granted.state, granted.decidedBy, granted.decidedAt, granted.note, granted.revision],
    ['granted', 'user:lead-bob', 50, 'n', 2],
  );
  assert.equal(decide('refuse', 'user:ann').state, 'refused');
  assert.equal(decide('withdraw', 'user:ann').state, 'withdrawn');
  for (const [decision, actor] of [
    ['grant', 'user:ann'],
    ['grant', 'user:eve'],
    ['refuse', 'user:eve'],
    ['withdraw', 'user:lead-bob'],
  ] as const)
    assert.throws(() => decide(decision, actor), { code: 'stage_request_denied' }, `${decision} ${actor}`);
});

test('what is over stays as it is, also when only its time ran out', () => {
  for (const state of ['granted', 'refused', 'withdrawn', 'expired'] as const)
    assert.throws(() => decide('grant', 'user:lead-bob', { state }), { code: 'stage_request_ended' });
  assert.throws(() => decide('grant', 'user:lead-bob', {}, 100), { code: 'stage_request_ended' });
});

test('where two people are not asked for, an approver grants himself', () => {
  assert.ok(!grantsItself(rule, 'user:ann'));
  assert.ok(grantsItself({ ...rule, fourEyes: false }, 'user:ann'));
  assert.ok(!grantsItself({ ...rule, fourEyes: false }, 'user:eve'));
});

test('says where a move would go', () => {
  assert.equal(describeTarget(request), 'enter Production');
  assert.equal(describeTarget({ ...request, alias: 'champion' }), 'be named by alias "champion"');
});
