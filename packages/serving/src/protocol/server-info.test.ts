import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SERVER_VERSION } from './server-info.ts';

test('the version that protocols tell is that of the package', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  assert.equal(SERVER_VERSION, (JSON.parse(text) as { version: string }).version);
});
