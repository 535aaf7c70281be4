import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('the generated client is what the API’s schemas give', () => {
  const script = join(import.meta.dirname, '../../scripts/generate-client.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.equal(`${stdout}${stderr}`, 'The generated client is up to date.\n');
  assert.equal(status, 0);
});
