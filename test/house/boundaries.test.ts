import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { allowed, forbidden, type Sample } from './rules.ts';
import { root } from './tree.ts';

// A rule that is misspelt, or a list that another override replaced, stops nothing and says nothing. So the linter runs, with the
// repository's own configuration, over files that each break one rule.

interface Diagnostic {
  readonly code?: string;
  readonly message: string;
  readonly filename: string;
}

const folder = mkdtempSync(join(tmpdir(), 'pawl-boundaries-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, source: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), source);
}

const pathOf = (kind: string, index: number, sample: Sample): string => `${sample.folder}/${kind}${index}${sample.ending ?? '.ts'}`;

cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
put(
  'tsconfig.json',
  JSON.stringify({ compilerOptions: { module: 'nodenext', target: 'es2024', strict: true, types: ['node'], noEmit: true } }),
);
for (const [index, sample] of forbidden.entries()) {
  const path = pathOf('bad', index, sample);
  put(path, sample.source);
  if (sample.rule === 'import(no-cycle)')
    put(join(dirname(path), 'cycle.ts'), `import { y } from './bad${index}.ts';\nexport const cycle: unknown = y;\n`);
}
for (const [index, sample] of allowed.entries()) put(pathOf('good', index, sample), sample.source);

const result = spawnSync(
  join(root, 'node_modules/.bin/oxlint'),
  ['--type-aware', '--deny-warnings', '--report-unused-disable-directives', '--format', 'json'],
  { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
);
const diagnostics = (JSON.parse(result.stdout) as { readonly diagnostics: readonly Diagnostic[] }).diagnostics;

function reportedAt(path: string): readonly string[] {
  const codes = diagnostics
    .filter(({ filename }) => relative(folder, join(folder, filename)) === path)
    .map(({ code, message }) => code ?? (message.startsWith('Unused') ? 'unused-directive' : message));
  return [...new Set(codes)];
}

test('the linter fails on the forbidden files', () => assert.equal(result.status, 1, result.stderr));

for (const [index, sample] of forbidden.entries()) {
  const path = pathOf('bad', index, sample);
  test(`${sample.rule} is reported in ${path}: ${sample.source.split('\n')[0]}`, () => {
    assert.ok(reportedAt(path).includes(sample.rule), `reported: ${reportedAt(path).join(', ') || 'nothing'}`);
  });
}

for (const [index, sample] of allowed.entries()) {
  const path = pathOf('good', index, sample);
  test(`nothing is reported in ${path}: ${sample.source.split('\n')[0]}`, () => assert.deepEqual(reportedAt(path), []));
}
