import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importsOf, root, sourceFiles } from './tree.ts';

const files = sourceFiles();
const BANNED = new Set(['manager', 'helper', 'util', 'common', 'v2']);

/** `fooBarUtils` and `foo-bar.utils` alike become foo, bar, util. */
function wordsOf(name: string): readonly string[] {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^A-Za-z0-9]+/);
  return words.map((word) => word.toLowerCase().replace(/s$/, ''));
}

const isBanned = (name: string): boolean => wordsOf(name).some((word) => BANNED.has(word));

test('the reading of names and imports sees what it should', () => {
  assert.deepEqual(['stringUtils', 'run-manager.ts', 'V2Client', 'utility', 'commonly'].map(isBanned), [true, true, true, false, false]);
  const text = `import a, { b } from './a.ts';\nimport type { C } from 'c';\nexport * from './d';\nimport {\n  e,\n} from "e";\nawait import('./f.ts');\nimport 'g';\n`;
  assert.deepEqual(
    importsOf(text).map(({ from, kind }) => `${kind} ${from}`),
    ['static ./a.ts', 'type c', 'static ./d', 'static e', 'static g', 'dynamic ./f.ts'],
  );
});

test('there are files to read', () => assert.ok(files.some(({ path }) => path === 'packages/core/src/index.ts')));

test('no file that somebody wrote is longer than 400 lines', () => {
  const written = files.filter(({ path }) => !path.includes('/generated/'));
  const long = written.map(({ path, text }) => [path, text.split('\n').length - 1] as const).filter(([, lines]) => lines > 400);
  assert.deepEqual(long, []);
});

test('no name says manager, helper, util, common or v2', () => {
  const paths = files.map(({ path }) => path).filter(isBanned);
  const declared = files.flatMap(({ path, text }) =>
    [...text.matchAll(/^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type)\s+(\w+)/gm)]
      .map(([, name = '']) => name)
      .filter(isBanned)
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual([...paths, ...declared], []);
});

test('relative imports name the file with its ending', () => {
  const without = files
    .filter(({ path }) => path !== 'test/house/tree.test.ts')
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter(({ from }) => from.startsWith('.') && !/\.(ts|tsx|mjs|json)$/.test(from))
        .map(({ from }) => `${path}: ${from}`),
    );
  assert.deepEqual(without, []);
});

/** A file that says nothing of its own: only passes on what others export. */
function isBarrel(text: string): boolean {
  const code = text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '').trim();
  return code !== '' && code.replaceAll(/export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'[^']+';/g, '').trim() === '';
}

/** The files that a package names as ways into it: index.ts, and further entries for programs that want a part without the rest. */
function entriesOfPackages(): ReadonlySet<string> {
  const folders = readdirSync(join(root, 'packages'));
  return new Set(
    folders.flatMap((folder) => {
      const { exports = {} } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as {
        exports?: Readonly<Record<string, string>>;
      };
      return Object.values(exports).map((path) => `packages/${folder}/${path.replace('./', '')}`);
    }),
  );
}

test('the only barrels are the packages’ own entries', () => {
  assert.deepEqual(
    [
      `export * from './a.ts';\n// b\nexport {\n  type B,\n  c,\n} from './b.ts';\n`,
      `export { a } from './a.ts';\nexport const b = 1;\n`,
    ].map(isBarrel),
    [true, false],
  );
  const entries = entriesOfPackages();
  const barrels = files.filter(({ path, text }) => isBarrel(text) && !entries.has(path));
  assert.deepEqual(
    barrels.map(({ path }) => path),
    [],
  );
});
