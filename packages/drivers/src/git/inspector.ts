import { execFile } from 'node:child_process';
import type { CodeInspector } from '@pawl/core';

const TIMEOUT_MS = 20_000;
/** A patch beyond this is no record of a change to code any more; such a difference is told by its size instead. */
const MAX_PATCH = 32 * 1024 * 1024;
const MAX_NEW_FILES = 500;

/** The CodeInspector port by the `git` program. Without the program, a repository or a commit there is nothing to tell. */
export function createGitInspector(): CodeInspector {
  return {
    async inspect(root) {
      const commit = await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD']);
      if (commit.code !== 0) return null;
      const branch = await git(root, ['symbolic-ref', '--short', '--quiet', 'HEAD']);
      const patch = await toPatch(root);
      return { commit: commit.text.trim(), branch: branch.code === 0 ? branch.text.trim() : null, patch: patch === '' ? null : patch };
    },
  };
}

/** Changes to tracked files and whole new files below the folder, as one patch against the commit, for `git apply` at its top. The index is not touched. */
async function toPatch(root: string): Promise<string> {
  const top = (await git(root, ['rev-parse', '--show-toplevel'])).text.replace(/\n$/, '');
  const tracked = await git(root, ['diff', 'HEAD', '--binary', '--no-color', '--no-ext-diff', '--', '.']);
  const listed = await git(root, ['ls-files', '--others', '--exclude-standard', '--full-name', '-z', '--', '.']);
  const added = listed.text.split('\0').filter((path) => path !== '');
  if (added.length > MAX_NEW_FILES)
    return `# The uncommitted difference has ${added.length} new files, more than ${MAX_NEW_FILES}, and was not kept.\n`;
  const parts = [tracked.text];
  let size = tracked.text.length;
  for (const path of added) {
    if (size > MAX_PATCH) break;
    // Ends with 1 because the two differ, which they always do.
    const { text } = await git(top, ['diff', '--no-index', '--binary', '--no-color', '--no-ext-diff', '--', '/dev/null', path]);
    parts.push(text);
    size += text.length;
  }
  if (size > MAX_PATCH) return `# The uncommitted difference is larger than ${MAX_PATCH} characters and was not kept.\n`;
  return parts.join('');
}

/** Never rejects: what git cannot do is told by its exit code. */
function git(cwd: string, args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((done) => {
    execFile(
      'git',
      ['--no-optional-locks', ...args],
      { cwd, timeout: TIMEOUT_MS, maxBuffer: 2 * MAX_PATCH, encoding: 'utf8' },
      (error, text) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        done({ code, text });
      },
    );
  });
}
