import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { createGitInspector } from './inspector.ts';

function inFolder(name: string, work: (folder: string) => Promise<void>): void {
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pawl-git-'));
    try {
      await work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' });
}

function commitProject(folder: string): void {
  git(folder, 'init', '--quiet', '--initial-branch=main');
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'project', 'train.ts'), 'one\n');
  writeFileSync(join(folder, '.gitignore'), 'ignored.txt\n');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'first');
}

inFolder('a clean project has a commit, a branch and no patch', async (folder) => {
  commitProject(folder);
  const state = await createGitInspector().inspect(join(folder, 'project'));
  assert.deepEqual(state, { commit: git(folder, 'rev-parse', 'HEAD').trim(), branch: 'main', patch: null });
});

inFolder('the patch holds changed and new files, and makes the same files of the commit', async (folder) => {
  commitProject(folder);
  const project = join(folder, 'project');
  writeFileSync(join(project, 'train.ts'), 'two\n');
  writeFileSync(join(project, 'new file.ts'), 'three\n');
  writeFileSync(join(project, 'ignored.txt'), 'no\n');
  const state = await createGitInspector().inspect(project);
  assert.ok(state?.patch);
  assert.ok(!state.patch.includes('ignored'));
  const clone = join(folder, 'clone');
  git(folder, 'clone', '--quiet', '.', clone);
  writeFileSync(join(folder, 'change.patch'), state.patch);
  git(clone, 'apply', join(folder, 'change.patch'));
  for (const name of ['train.ts', 'new file.ts']) {
    assert.equal(readFileSync(join(clone, 'project', name), 'utf8'), readFileSync(join(project, name), 'utf8'));
  }
});

inFolder('a detached commit has no branch; no repository, no commit: nothing', async (folder) => {
  assert.equal(await createGitInspector().inspect(folder), null);
  assert.equal(await createGitInspector().inspect(join(folder, 'nowhere')), null);
  commitProject(folder);
  git(folder, 'checkout', '--quiet', '--detach');
  assert.equal((await createGitInspector().inspect(folder))?.branch, null);
});
