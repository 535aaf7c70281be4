import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { root } from './tree.ts';

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-ready-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function script(t: TestContext, source: string): string {
  const path = join(scratch(t), 'script.ts');
  writeFileSync(path, source);
  return path;
}

const ready = join(root, 'scripts/ready.mjs');

test('the launcher runs a script under the Node of node_modules, with its arguments, and ends as it does', (t) => {
  const path = script(
    t,
    'const a: string[] = process.argv.slice(2);\nconsole.log(process.version, a.join(), process.env["PATH"]);\nprocess.exit(7);\n',
  );
  const result = spawnSync(process.execPath, [ready, path, 'a', '--b'], { encoding: 'utf8' });
  assert.equal(result.status, 7, result.stderr);
  const [version, args, searched = ''] = result.stdout.trim().split(' ');
  assert.match(version ?? '', /^v24\./);
  assert.equal(args, 'a,--b');
  assert.ok(searched.startsWith(`${join(root, 'node_modules/.bin')}:`), searched);
});

test('the launcher passes SIGTERM on and waits for the end', { timeout: 20_000 }, async (t) => {
  const path = script(
    t,
    `process.on('SIGTERM', () => setTimeout(() => process.exit(9), 100));\nsetInterval(() => {}, 1000);\nconsole.log('up');\n`,
  );
  const launcher = spawn(process.execPath, [ready, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(launcher.stdout, 'data');
  launcher.kill('SIGTERM');
  assert.deepEqual(await once(launcher, 'exit'), [9, null]);
});

// The package manager is not ours: a small program in its place writes down how it was called.
const NPM = `
const { appendFileSync, mkdirSync, copyFileSync } = require('node:fs');
appendFileSync('calls', process.argv[2] + ' ' + process.env.ONNXRUNTIME_NODE_INSTALL + '\\n');
if (require('node:fs').existsSync('broken')) { console.error('the registry is away'); process.exit(1); }
mkdirSync('node_modules', { recursive: true });
copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

interface Project {
  readonly folder: string;
  ensure(): { readonly status: number | null; readonly stderr: string };
  calls(): readonly string[];
}

function project(t: TestContext, wanted: object): Project {
  const folder = scratch(t);
  writeFileSync(join(folder, 'npm-cli.js'), NPM);
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  const code = `import { ensureInstalled } from ${JSON.stringify(join(root, 'scripts/install.mjs'))};\nprocess.exit(ensureInstalled(process.cwd()) ? 0 : 1);\n`;
  writeFileSync(join(folder, 'ensure.mjs'), code);
  return {
    folder,
    ensure: () =>
      spawnSync(process.execPath, ['ensure.mjs'], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, npm_execpath: join(folder, 'npm-cli.js') },
      }),
    calls: () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : []),
  };
}

function present(folder: string, packages: object): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
}

const wanted = {
  '': { name: 'x' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['plan9'], cpu: ['x64'] },
};

test('packages are installed once, from nothing, without the runtime’s own download', (t) => {
  const { ensure, calls } = project(t, wanted);
  const first = ensure();
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stderr, /^Installing .* done in \d+ s\.\n$/);
  const second = ensure();
  assert.deepEqual([second.status, second.stderr], [0, '']);
  assert.deepEqual(calls(), ['ci skip']);
});

test('what another npm installed is taken as it is, when it matches', (t) => {
  const { folder, ensure, calls } = project(t, wanted);
  present(folder, { 'node_modules/a': { version: '1.0.0' } });
  assert.equal(ensure().status, 0);
  assert.deepEqual(calls(), []);
});

test('a package of another version is brought up to date', (t) => {
  const { folder, ensure, calls } = project(t, wanted);
  present(folder, { 'node_modules/a': { version: '0.9.0' } });
  assert.equal(ensure().status, 0);
  assert.deepEqual(calls(), ['install skip']);
});

test('an optional package of this platform is asked for once, not for ever', (t) => {
  const { folder, ensure, calls } = project(t, {
    ...wanted,
    'node_modules/here': { version: '1.0.0', optional: true, os: [process.platform] },
  });
  present(folder, { 'node_modules/a': { version: '1.0.0' } });
  writeFileSync(
    join(folder, 'npm-cli.js'),
    `require('node:fs').appendFileSync('calls', process.argv[2] + '\\n'); // it could not install that one\n`,
  );
  assert.equal(ensure().status, 0);
  assert.equal(ensure().status, 0);
  assert.deepEqual(calls(), ['install']);
});

test('a failed install says why, and leaves no lock behind', (t) => {
  const { folder, ensure } = project(t, wanted);
  writeFileSync(join(folder, 'broken'), '');
  const failed = ensure();
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /failed\.\nthe registry is away\n/);
  rmSync(join(folder, 'broken'));
  assert.equal(ensure().status, 0);
});

test('the lock of a process that is gone is taken over', (t) => {
  const { folder, ensure, calls } = project(t, wanted);
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  mkdirSync(join(folder, '.cache'));
  writeFileSync(join(folder, '.cache/install.lock'), String(gone));
  assert.equal(ensure().status, 0);
  assert.deepEqual(calls(), ['ci skip']);
});
