import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArmName, EndpointRoute } from './types.ts';
import { assignArm } from './assign.ts';

function route(weight: number, rollout: string | null = 'r1'): EndpointRoute {
  const arm = (name: ArmName, version: number, share: number) => ({ name, version, package: `sha256:${version}` as const, weight: share });
  return { endpoint: 'spam', model: 'spam-filter', rollout, arms: [arm('stable', 1, 1 - weight), arm('candidate', 2, weight)] };
}

test('a key keeps its arm until the weight passes it', () => {
  const keys = Array.from({ length: 2000 }, (_, index) => `user-${index}`);
  const weights = [0.01, 0.1, 0.5, 1];
  for (const key of keys) {
    const arms = weights.map((weight) => assignArm(route(weight), key, 0.5).arm.name);
    assert.deepEqual(
      arms,
      arms.toSorted((a, b) => (a === b ? 0 : a === 'stable' ? -1 : 1)),
      `${key} went back to stable while the weight grew`,
    );
    assert.equal(arms.at(-1), 'candidate');
  }
});

test('the share of keys is the weight, within four standard errors', () => {
  const keys = 20_000;
  for (const weight of [0.05, 0.3, 0.5]) {
    let candidate = 0;
    for (let index = 0; index < keys; index++) if (assignArm(route(weight), `user-${index}`, 0).arm.name === 'candidate') candidate += 1;
    const error = Math.sqrt((weight * (1 - weight)) / keys);
    assert.ok(Math.abs(candidate / keys - weight) < 4 * error, `${candidate} of ${keys} at weight ${weight}`);
  }
});

test('another rollout draws other keys', () => {
  const both = Array.from({ length: 4000 }, (_, index) => `user-${index}`).filter(
    (key) => assignArm(route(0.5, 'r1'), key, 0).arm.name === assignArm(route(0.5, 'r2'), key, 0).arm.name,
  );
  assert.ok(Math.abs(both.length / 4000 - 0.5) < 0.04);
});

test('without a key the draw decides, and outside a rollout stable answers', () => {
  assert.equal(assignArm(route(0.3), undefined, 0.29).arm.name, 'candidate');
  assert.equal(assignArm(route(0.3), undefined, 0.31).arm.name, 'stable');
  assert.deepEqual(assignArm(route(0.3, null), 'key', 0).candidateWeight, null);
  assert.equal(assignArm(route(0.3, null), 'key', 0).arm.name, 'stable');
});

test('an endpoint without arms is refused', () => {
  assert.throws(() => assignArm({ ...route(0), arms: [] }, undefined, 0), RangeError);
});
