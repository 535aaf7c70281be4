import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { loadConfig } from './load.ts';

function refusal(flags: Readonly<Record<string, unknown>>, environment: Readonly<Record<string, string>> = {}): string {
  try {
    loadConfig(flags, environment);
  } catch (error) {
    if (isFault(error, 'invalid_input')) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

test('flags win over the environment, that over defaults; an empty variable says nothing', () => {
  const { port, slots, leaseMs } = loadConfig({ port: '7000' }, { PAWL_PORT: '8000', PAWL_SLOTS: '3', PAWL_LEASE_MS: '' });
  assert.deepEqual([port, slots, leaseMs], [7000, 3, 30_000]);
  assert.ok(Object.isFrozen(loadConfig({}, {})));
});

test('what is wrong is told by the name it was given under', () => {
  assert.match(refusal({ leaseMs: '5' }), /^--lease-ms: /);
  assert.match(refusal({}, { PAWL_LEASE_MS: '5' }), /^PAWL_LEASE_MS: /);
});

test('no address but loopback is listened on, wherever it was given', () => {
  for (const host of ['127.0.0.1', '::1', 'localhost']) assert.equal(loadConfig({ host }, {}).host, host);
  for (const host of ['0.0.0.0', '::', '10.1.2.3', 'localhost.example.com']) {
    assert.match(refusal({ host }), /^--host: .*no access control/);
    assert.match(refusal({}, { PAWL_HOST: host }), /^PAWL_HOST: /);
  }
});

test('artifacts may lie in a store or on a shared disk that clients reach themselves, and nowhere above it', () => {
  for (const artifactRoot of ['mlflow-artifacts:/', 's3://bucket/ml', 'file:///srv/ml', 'file:///srv/a..b/'])
    assert.equal(loadConfig({ artifactRoot }, {}).artifactRoot, artifactRoot);
  for (const artifactRoot of ['file:ml', 'file://host/ml', 'file:///', '/srv/ml', 's3://bucket/ml?x=1', 's3://bucket/ml#x'])
    assert.match(refusal({ artifactRoot }), /^--artifact-root: it must be a URI/, artifactRoot);
  for (const artifactRoot of ['file:///srv/../etc', 's3://bucket/%2E%2e/ml', 'file:///srv/..'])
    assert.match(refusal({ artifactRoot }), /^--artifact-root: it must not have "\.\."/, artifactRoot);
});
