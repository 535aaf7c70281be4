import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { createSecretBox, readKeyFile } from '@pawl/drivers';

const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
const unreadable = (error: unknown): boolean => isFault(error, 'secret_unreadable') && !error.message.includes('hush');

test('what is sealed is read by its key only, and not once it was changed', () => {
  const box = createSecretBox([one]);
  const sealed = box.seal('hush é');
  assert.ok(!sealed.includes('hush'));
  assert.notEqual(box.seal('hush é'), sealed);
  assert.equal(box.open(sealed), 'hush é');
  assert.equal(box.open('from before'), 'from before');
  assert.throws(() => createSecretBox([two]).open(sealed), unreadable);
  const last = sealed.length - 5;
  assert.throws(() => box.open(sealed.slice(0, last) + (sealed[last] === 'A' ? 'B' : 'A') + sealed.slice(last + 1)), unreadable);
  assert.throws(() => box.open(sealed.slice(0, 30)), unreadable);
});

test('a new key seals, and the old one still opens', () => {
  const sealed = createSecretBox([one]).seal('hush');
  const box = createSecretBox([two, one]);
  assert.equal(box.open(sealed), 'hush');
  assert.deepEqual([box.isCurrent(sealed), box.isCurrent(box.seal('hush')), box.isCurrent('hush')], [false, true, false]);
});

test('the key file is made once, for its owner alone, and says what is wrong with it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-key-'));
  try {
    const path = join(folder, 'secret.key');
    const keys = readKeyFile(path);
    assert.match(keys.join(), /^[0-9a-f]{64}$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    chmodSync(path, 0o644);
    assert.deepEqual(readKeyFile(path), keys);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(path, `${two}\n${readFileSync(path, 'utf8')}`);
    assert.deepEqual(readKeyFile(path), [two, ...keys]);
    writeFileSync(path, 'no key');
    assert.throws(
      () => readKeyFile(path),
      (error) => isFault(error, 'invalid_file'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
