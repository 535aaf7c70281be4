import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toEndStatus } from './status.ts';

test('a command that was stopped or met a signal was killed; any other code than 0 is a failure', () => {
  const end = (exitCode: number | null, signal: string | null = null, stopped = false) => toEndStatus({ exitCode, signal, stopped });
  assert.equal(end(0), 'finished');
  assert.equal(end(0, null, true), 'finished');
  assert.equal(end(1), 'failed');
  assert.equal(end(1, null, true), 'killed');
  assert.equal(end(null, 'SIGKILL'), 'killed');
  assert.equal(end(143), 'killed');
  assert.equal(end(139), 'failed');
});
