// Writes packages/client/src/generated from the schemas of the native API. `--check` writes nothing and fails when a file differs.
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toOpenApi } from '../packages/app/src/http/native/openapi.ts';
import { nativeRoutes } from '../packages/app/src/http/native/index.ts';
import { toClientFile, toNounFile, toOperations, toShared, toTypesFile } from './client-source.ts';

const root = join(import.meta.dirname, '..');
const folder = 'packages/client/src/generated';
const check = process.argv.includes('--check');

// Only the schemas are read here, and no handler runs: the services need not be there.
const document = toOpenApi(nativeRoutes({} as Parameters<typeof nativeRoutes>[0]));
const operations = toOperations(document);
const shared = toShared(document);
const nouns = Map.groupBy(operations, (operation) => operation.noun);
const wanted = new Map<string, string>([
  ['client.ts', toClientFile(Array.from(nouns.keys()))],
  ['types.ts', toTypesFile(shared)],
]);
for (const [noun, ofNoun] of nouns) wanted.set(`${noun}.ts`, toNounFile(noun, ofNoun, shared));

const present = globSync('*.ts', { cwd: join(root, folder) });
const different = present.filter((name) => !wanted.has(name));
mkdirSync(join(root, folder), { recursive: true });
for (const name of check ? [] : different) rmSync(join(root, folder, name));
for (const [name, source] of wanted) {
  const path = join(folder, name);
  const text = format(path, source);
  if (present.includes(name) && readFileSync(join(root, path), 'utf8') === text) continue;
  different.push(name);
  if (!check) writeFileSync(join(root, path), text);
}

const list = different.toSorted().map((name) => join(folder, name));
if (list.length === 0) console.log('The generated client is up to date.');
else if (!check) console.log(list.map((path) => `Wrote ${path}`).join('\n'));
else {
  console.error(`The generated client differs from the API in ${list.join(', ')}; run "node scripts/generate-client.ts".`);
  process.exitCode = 1;
}

function format(path: string, source: string): string {
  const done = spawnSync(process.execPath, [join(root, 'node_modules/.bin/oxfmt'), `--stdin-filepath=${path}`], {
    cwd: root,
    input: source,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`oxfmt refused ${path}: ${done.stderr}`);
  return done.stdout;
}
