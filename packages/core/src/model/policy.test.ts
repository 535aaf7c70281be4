import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsAny, mayForce, standsForProduction } from './policy.ts';
import type { ModelPolicy } from './policy.ts';

const policy: ModelPolicy = { model: 'm', approvals: {}, aliases: ['live', 'Prod-*'], force: ['user:lead-*'], mostInProduction: 1 };

test('a pattern fits whole names only, and no part of it is read twice', () => {
  const fits: readonly (readonly [string, string, boolean])[] = [
    ['user:ann', 'user:ann', true],
    ['user:ann', 'user:anna', false],
    ['user:*', 'user:', true],
    ['*', '', true],
    ['user:*-lead', 'user:ml-lead', true],
    ['user:*-lead', 'user:ml-leads', false],
    ['aba*ba', 'aba', false],
    ['aba*ba', 'ababa', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*b', 'ab', false],
    ['a*b*b', 'abb', true],
    ['a.c', 'abc', false],
  ];
  for (const [pattern, name, expected] of fits) assert.equal(fitsAny([pattern], name), expected, `${pattern} ${name}`);
  assert.equal(fitsAny([], 'x'), false);
});

test('aliases that mean Production are those of the policy; without one, champion and production', () => {
  for (const alias of ['live', 'LIVE', 'prod-eu']) assert.ok(standsForProduction(policy, alias), alias);
  assert.ok(!standsForProduction(policy, 'champion'));
  assert.ok(standsForProduction(undefined, 'Champion'));
  assert.ok(!standsForProduction(undefined, 'challenger'));
});

test('who may overrule the gate is said by the policy', () => {
  assert.ok(mayForce(policy, 'user:lead-ann'));
  assert.ok(!mayForce(policy, 'user:ann'));
  assert.ok(mayForce(undefined, 'user:ann'));
});
