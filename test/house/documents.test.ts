import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { z } from 'zod';
import { toSchema } from '../../packages/app/src/http/native/openapi.ts';
import { projectSchemas, rootFile } from '../../packages/app/src/project/schema.ts';
import { pawl } from '../cli/pawl.ts';
import { anchorsOf, codesOf, documents, fencesOf, linksOf, pawlWords, shellOf, tableKeys } from './documents.ts';
import { root, sourceFiles } from './tree.ts';

const all = documents();
/** A decision speaks of its day; the other documents of now. */
const isDecision = (path: string): boolean => path.startsWith('docs/decisions/');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Whether a path of the repository, maybe with braces or stars, names something. Packages may be named without their folder. */
function isThere(path: string): boolean {
  return globSync([path, join('packages', path)], { cwd: root }).length > 0;
}

test('the reading of documents sees what it should', () => {
  const text =
    'See `pawl data\nlog x` and [it](a.md#the-b).\n\n## The `B`, once\n\n```sh test\nnpx pawl x --y "a b" # why\n```\n\n| key | m |\n|---|---|\n| `k`, `l` | `no` |\n';
  assert.deepEqual(codesOf(text).slice(0, 2), ['pawl data log x', 'B']);
  assert.deepEqual(linksOf(text), ['a.md#the-b']);
  assert.deepEqual(anchorsOf(text), ['the-b-once']);
  assert.deepEqual(fencesOf(text), [{ info: 'sh test', body: 'npx pawl x --y "a b" # why\n' }]);
  assert.deepEqual(pawlWords(shellOf(text)[0] ?? ''), ['x', '--y', '"a b"']);
  assert.deepEqual(tableKeys(text, 'key'), ['k', 'l']);
  assert.deepEqual([isThere('packages/core/src/nothing.ts'), isThere('core/src/{index,nothing}.ts')], [false, true]);
});

for (const { path, text } of all) {
  test(`${path} links to what is there`, () => {
    const broken = linksOf(text).filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
    });
    assert.deepEqual(broken, []);
  });

  if (isDecision(path)) continue;

  test(`${path} names files that are there`, () => {
    const named = codesOf(text).filter((code) =>
      /^(packages|docs|examples|test|scripts|bench|\.ci|core|engine|drivers|serving|app|client)\/[\w.{},*/-]+$/.test(code),
    );
    assert.deepEqual(
      named.filter((name) => !isThere(name)),
      [],
    );
  });

  test(`${path} shows files as they are`, () => {
    const different = fencesOf(text).filter(({ info, body }) => {
      const [, file] = info.split(' ');
      return info.startsWith('yaml ') && file !== undefined && !textOf(file).includes(body);
    });
    assert.deepEqual(different, []);
  });
}

test('the tree in AGENTS.md names what is there', () => {
  const [tree] = fencesOf(textOf('AGENTS.md'));
  let base = '';
  const missing: string[] = [];
  for (const line of tree?.body.split('\n') ?? []) {
    const names = (line.trim().split(/ {2,}/)[0] ?? '').split(' ').filter((name) => /[/.]/.test(name));
    for (const name of names) {
      const path = line.startsWith(' ') ? join(base, name) : name;
      if (!line.startsWith(' ')) base = name;
      if (!path.includes('<') && !existsSync(join(root, path))) missing.push(path);
    }
  }
  assert.deepEqual(missing, []);
  assert.match(tree?.body ?? '', /packages\/core\/src\//);
});

const helps = new Map<string, Promise<string>>();
const helpOf = (words: readonly string[]): Promise<string> => {
  const line = words.join(' ');
  const known = helps.get(line) ?? pawl([...words, '--help']).then(({ code, stdout }) => (code === 0 ? stdout : ''));
  helps.set(line, known);
  return known;
};

const commandsIn = (help: string): readonly string[] =>
  [...(help.split(/^Commands:\n/m)[1] ?? '').matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name = '']) => name);
const flagsIn = (help: string): readonly string[] => [...help.matchAll(/(?<=^ {2}|, )(--?[A-Za-z][\w-]*)/gm)].map(([flag]) => flag);

/** What is wrong with the words of a command line; undefined when the help knows all of it. */
async function mistakeIn(words: readonly string[]): Promise<string | undefined> {
  let command: readonly string[] = [];
  let help = await helpOf(command);
  for (const word of words) {
    const below = commandsIn(help);
    if (below.length === 0 || word.startsWith('-')) break;
    if (!/^\w/.test(word)) return undefined;
    if (!below.includes(word)) return `there is no command "${[...command, word].join(' ')}"`;
    command = [...command, word];
    help = await helpOf(command);
  }
  const stray = words
    .filter((word) => /^--?[A-Za-z]/.test(word))
    .map((word) => word.split('=')[0] ?? '')
    .find((flag) => !flagsIn(help).includes(flag));
  return stray === undefined ? undefined : `"${command.join(' ')}" has no ${stray}`;
}

test('documents show commands and flags that exist', async () => {
  assert.match((await mistakeIn(['data', 'push'])) ?? '', /no command "data push"/);
  assert.match((await mistakeIn(['data', 'add', 'x', 'y', '--fast'])) ?? '', /no --fast/);
  assert.match((await mistakeIn(['launch', 'x'])) ?? '', /no command "launch"/);
  const lines = all.filter(({ path }) => !isDecision(path)).flatMap(({ path, text }) => shellOf(text).map((line) => ({ path, line })));
  const mistakes = await Promise.all(
    lines.map(async ({ path, line }) => {
      const words = pawlWords(line);
      const mistake = words === undefined ? undefined : await mistakeIn(words);
      return mistake === undefined ? [] : [`${path}: ${line}: ${mistake}`];
    }),
  );
  assert.deepEqual(mistakes.flat(), []);
  assert.ok(lines.filter(({ line }) => pawlWords(line) !== undefined).length > 20);
});

test('messages of errors name commands that exist', async () => {
  const lines = sourceFiles()
    .filter(({ path }) => /^packages\/\w+\/src\/.*\/faults\.ts$/.test(path))
    .flatMap(({ path, text }) => [...text.matchAll(/"(pawl [^"`]+)"/g)].map(([, line = '']) => ({ path, line })));
  const mistakes = await Promise.all(
    lines.map(async ({ path, line }) => {
      const mistake = await mistakeIn(pawlWords(line) ?? []);
      return mistake === undefined ? [] : [`${path}: ${line}: ${mistake}`];
    }),
  );
  assert.deepEqual(mistakes.flat(), []);
  assert.ok(lines.length > 5);
});

test('documents call scripts and benchmarks that exist', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const wrong = all.flatMap(({ path, text }) =>
    shellOf(text).flatMap((line) => {
      const [, script, bench] = /^npm (?:run )?(test|(?<=run )[\w:]+)(?: -- (\w+)$)?/.exec(line) ?? [];
      const isWrong =
        script !== undefined &&
        (scripts[script] === undefined || (script === 'bench' && bench !== undefined && !existsSync(join(root, 'bench', `${bench}.ts`))));
      return isWrong ? [`${path}: ${line}`] : [];
    }),
  );
  assert.deepEqual(wrong, []);
});

/** The keys of a schema's objects at any depth; names that a project chooses are no keys. */
function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
  const below = Object.entries(schema).flatMap(([name, part]) =>
    name === 'properties' ? Object.values(part as object).flatMap(keysOf) : Array.isArray(part) ? part.flatMap(keysOf) : keysOf(part),
  );
  return [...new Set([...Object.keys(properties ?? {}), ...below])];
}

const { checks, features, pipelines, gates, registry, rollouts, monitors } = projectSchemas;
const guides: Readonly<Record<string, readonly z.ZodType[]>> = {
  'docs/guide/project-files.md': [rootFile, features],
  'docs/guide/checks.md': [checks],
  'docs/guide/pipelines.md, docs/guide/triggers.md': [pipelines],
  'docs/guide/registry.md': [registry],
  'docs/guide/rollouts.md': [gates, rollouts],
  'docs/guide/monitoring.md': [monitors],
};

for (const [path, schemas] of Object.entries(guides)) {
  test(`${path} gives the meaning of every key, and of no other`, () => {
    const wanted = new Set(schemas.flatMap((schema) => keysOf(toSchema(schema, 'input'))));
    const told = new Set(path.split(', ').flatMap((one) => tableKeys(textOf(one), 'key')));
    assert.ok(wanted.size > 5);
    assert.deepEqual(
      [...wanted].filter((key) => !told.has(key)),
      [],
      'not told',
    );
    assert.deepEqual(
      [...told].filter((key) => !wanted.has(key)),
      [],
      'not in the schema',
    );
  });
}

test('the configuration reference is that of the schema', () => {
  const result = spawnSync(process.execPath, [join(root, 'scripts/generate-reference.ts'), '--check'], { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
  const told = tableKeys(textOf('docs/reference/configuration.md'), 'flag', 'variable').join(' ');
  const read = sourceFiles()
    .filter(({ path }) => path === 'packages/app/src/config/environment.ts')
    .flatMap(({ text }) => [...text.matchAll(/'(PAWL_\w+)'/g)]);
  assert.ok(read.length > 2);
  assert.deepEqual(
    read.map(([, name = '']) => name).filter((name) => !told.includes(name)),
    [],
  );
});
