import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from './make-folder.ts';

test('makes what is missing, names the topmost of it, and ends where no folder can be made', () => {
  const root = mkdtempSync(join(tmpdir(), 'pawl-folder-'));
  try {
    assert.equal(makeFolder(root), undefined);
    assert.equal(makeFolder(join(root, 'a/b/c')), join(root, 'a'));
    assert.ok(statSync(join(root, 'a/b/c')).isDirectory());
    assert.equal(makeFolder(join(root, 'a/b/d')), join(root, 'a/b/d'));
    writeFileSync(join(root, 'file'), '');
    assert.throws(() => makeFolder(join(root, 'file')), { code: 'EEXIST' });
    assert.throws(() => makeFolder(join(root, 'file/x')), { code: 'ENOTDIR' });
    assert.throws(() => makeFolder('/dev/null/x'), { code: 'ENOTDIR' });
    assert.throws(() => makeFolder('/proc/pawl/x'));
  } finally {
    rmSync(root, { recursive: true });
  }
});
