import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { flow, vendors } from './rules.ts';
import { importsOf, root, sourceFiles } from './tree.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Tests of these may use the real memory and SQLite drivers; their sources may not. */
const TESTED_WITH_DRIVERS = ['engine', 'serving'];
/** Packages too heavy for an idle server: loaded at first use, whichever package of ours uses them. */
const HEAVY = [...Object.values(vendors), 'onnxruntime-node'];

const files = sourceFiles();
const names = globSync('packages/*/package.json', { cwd: root }).map((path) => path.split('/')[1] ?? '');
const isTest = (path: string): boolean => path.endsWith('.test.ts');
/** A worker or child process is its own program, started at first use. */
const isProgram = (path: string): boolean => /(worker|child)\.ts$/.test(path);

function ours(names: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.keys(names)
    .filter((name) => name.startsWith('@pawl/'))
    .map((name) => name.slice('@pawl/'.length));
}

for (const name of names) {
  test(`${name} depends on no package of ours but those below it`, () => {
    const below = flow[name];
    assert.ok(below, `packages/${name} is not in the flow: say in test/house/rules.ts what it may import`);
    const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest;
    const forTests = TESTED_WITH_DRIVERS.includes(name) ? [...below, 'drivers'] : below;
    assert.deepEqual(
      ours(manifest.dependencies).filter((other) => !below.includes(other)),
      [],
    );
    assert.deepEqual(
      ours(manifest.devDependencies).filter((other) => !forTests.includes(other)),
      [],
    );
  });

  test(`${name} is checked against the types of no package but those below it`, () => {
    const config = JSON.parse(readFileSync(join(root, 'packages', name, 'tsconfig.json'), 'utf8')) as {
      references?: readonly { path: string }[];
    };
    const referenced = (config.references ?? []).map(({ path }) => basename(path));
    assert.deepEqual(
      referenced.filter((other) => flow[name]?.includes(other) !== true),
      [],
    );
  });
}

test('what an idle server does not need is loaded at first use', () => {
  const early = files
    .filter(({ path }) => /^packages\/\w+\/src\//.test(path) && !isTest(path) && !isProgram(path))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter(({ from, kind }) => kind === 'static' && HEAVY.some((name) => from === name || from.startsWith(`${name}/`)))
        .map(({ from }) => `${path}: ${from}`),
    );
  assert.deepEqual(early, []);
});

test('every conformance suite is reached from a test', () => {
  const importsByPath = new Map(files.map(({ path, text }) => [path, importsOf(text).map(({ from }) => join(dirname(path), from))]));
  const reached = new Set<string>();
  const walk = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const next of importsByPath.get(path) ?? []) walk(next);
  };
  for (const { path } of files) if (isTest(path)) walk(path);
  const suites = globSync('packages/drivers/conformance/*.ts', { cwd: root });
  assert.ok(suites.length > 0);
  assert.deepEqual(
    suites.filter((suite) => !reached.has(suite)),
    [],
  );
});
