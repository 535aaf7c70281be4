/** One file of the tree that the boundaries test lints. */
export interface Sample {
  /** Its folder and ending decide which rules hold, as in the repository; its own name is made up. */
  readonly folder: string;
  readonly ending?: '.test.ts';
  readonly source: string;
}

/** A file that breaks one rule, named as oxlint names it. */
export interface Forbidden extends Sample {
  readonly rule: string;
}

const IMPORTS = 'eslint(no-restricted-imports)';
const GLOBALS = 'eslint(no-restricted-globals)';
const PROPERTIES = 'eslint(no-restricted-properties)';
const ENVIRONMENT = 'node(no-process-env)';

const use = (from: string): string => `import { x } from '${from}';\nexport const y: unknown = x;\n`;
const useType = (from: string): string => `import type { X } from '${from}';\nexport type Y = X;\n`;
const useLater = (from: string): string => `export const y: unknown = await import('${from}');\n`;
const say = (expression: string): string => `export const y: unknown = ${expression};\n`;
const bad = (rule: string, folder: string, ...sources: readonly string[]): readonly Forbidden[] =>
  sources.map((source) => ({ rule, folder, source }));
const badTest = (folder: string, ...sources: readonly string[]): readonly Forbidden[] =>
  sources.map((source) => ({ rule: IMPORTS, folder, ending: '.test.ts', source }));

const packages = ['core', 'engine', 'drivers', 'serving', 'client', 'app', 'ui'];
/** What each package may import of ours; everything else is forbidden by name and by path. */
export const flow: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engine: ['core'],
  drivers: ['core'],
  serving: ['core'],
  client: ['core'],
  app: ['core', 'engine', 'drivers', 'serving', 'client'],
  ui: ['core', 'client'],
};
/** The folder of `packages/drivers/src` in which a vendor's package may be imported. */
export const vendors: Readonly<Record<string, string>> = {
  postgres: 'pg',
  duckdb: '@duckdb/node-api',
  s3: '@aws-sdk/client-s3',
  redis: 'ioredis',
  kubernetes: '@kubernetes/client-node',
  sqlite: 're2js',
  cron: 'croner',
};

const upward: readonly Forbidden[] = packages.flatMap((from) => {
  const folder = `packages/${from}/src/noun`;
  const others = packages.filter((to) => to !== from && flow[from]?.includes(to) !== true);
  const byPath = packages.filter((to) => to !== from).map((to) => use(`../../../${to}/src/noun/thing.ts`));
  return bad(IMPORTS, folder, ...others.flatMap((to) => [use(`@pawl/${to}`), useType(`@pawl/${to}`)]), ...byPath);
});

// A folder that is allowed its vendor has a list of its own: it must still hold everything else.
const inDrivers: readonly Forbidden[] = Object.keys(vendors).flatMap((folder) => {
  const strangers = Object.entries(vendors).filter(([owner]) => owner !== folder);
  return bad(
    IMPORTS,
    `packages/drivers/src/${folder}`,
    use('@pawl/engine'),
    use('../../../app/src/x.ts'),
    ...strangers.map(([, name]) => useLater(name)),
  );
});

export const forbidden: readonly Forbidden[] = [
  ...upward,
  ...inDrivers,
  ...bad(IMPORTS, 'packages/core/src/noun', use('node:fs'), use('node:fs/promises'), use('node:test')),
  ...['Date.now()', 'setTimeout', 'setInterval', 'process.pid', 'fetch', 'crypto', 'globalThis'].flatMap((name) =>
    bad(GLOBALS, 'packages/core/src/noun', say(name)),
  ),
  ...bad(PROPERTIES, 'packages/core/src/noun', say('Math.random()')),
  ...badTest('packages/core/src/noun', use('@pawl/drivers'), use('../../../drivers/src/x.ts')),
  ...bad(
    IMPORTS,
    'packages/engine/src/noun',
    use('node:fs'),
    use('kysely'),
    ...Object.values(vendors).flatMap((name) => [use(name), useLater(name)]),
  ),
  ...badTest('packages/engine/src/noun', use('@pawl/app')),
  ...bad(IMPORTS, 'packages/drivers/src/sql', ...Object.values(vendors).map(useLater), useLater('protobufjs/minimal.js')),
  ...bad(IMPORTS, 'packages/drivers/conformance', use('@pawl/engine')),
  ...bad(IMPORTS, 'packages/serving/src/noun', use('kysely'), use('node:sqlite'), use('pg')),
  ...badTest('packages/serving/src/noun', use('@pawl/engine')),
  ...bad(IMPORTS, 'packages/client/src/noun', use('@pawl/core')),
  ...bad(IMPORTS, 'packages/ui/src/noun', use('@pawl/core'), use('node:fs')),
  ...bad(
    IMPORTS,
    'packages/app/src/noun',
    use('pg'),
    use('node:sqlite'),
    useLater('@duckdb/node-api'),
    useLater('re2js'),
    useLater('protobufjs'),
  ),
  ...bad(IMPORTS, 'packages/app/src/http/otlp', use('pg'), useLater('re2js')),
  ...['engine', 'drivers', 'serving', 'client', 'ui', 'app'].flatMap((name) =>
    bad(ENVIRONMENT, `packages/${name}/src/noun`, say(`process.env['HOME']`)),
  ),
  ...bad('typescript(no-floating-promises)', 'packages/engine/src/noun', 'async function f(): Promise<void> {}\nf();\n'),
  ...bad('typescript(consistent-type-imports)', 'packages/engine/src/noun', `import { X } from './thing.ts';\nexport type Y = X;\n`),
  ...bad('typescript(no-explicit-any)', 'packages/engine/src/noun', 'export type Y = any;\n'),
  ...bad('import(no-cycle)', 'packages/engine/src/noun', `import { cycle } from './cycle.ts';\nexport const y: unknown = cycle;\n`),
  ...bad('eslint(max-lines)', 'packages/engine/src/noun', '// one line\n'.repeat(401)),
  ...bad('unicorn(prefer-node-protocol)', 'packages/app/src/noun', use('fs')),
  ...bad('unused-directive', 'packages/engine/src/noun', `// oxlint-disable-next-line no-var\n${say('1')}`),
  {
    rule: 'typescript(no-floating-promises)',
    folder: 'test/noun',
    ending: '.test.ts',
    source: `import { test } from 'node:test';\nimport { rejects } from 'node:assert/strict';\ntest('a', () => {\n  rejects(() => {});\n});\n`,
  },
];

export const allowed: readonly Sample[] = [
  ...packages.flatMap((from) => (flow[from] ?? []).map((to) => ({ folder: `packages/${from}/src/noun`, source: useType(`@pawl/${to}`) }))),
  ...Object.entries(vendors).flatMap(([folder, name]) =>
    [useType(name), useLater(name)].map((source) => ({ folder: `packages/drivers/src/${folder}`, source })),
  ),
  { folder: 'packages/core/src/rollout', source: use('../serving/route.ts') },
  { folder: 'packages/core/src/statistics', source: use('@stdlib/stats-base-dists-normal-cdf') },
  { folder: 'packages/core/src/noun', ending: '.test.ts', source: use('node:assert/strict') },
  { folder: 'packages/core/src/noun', ending: '.test.ts', source: say('Date.now()') },
  { folder: 'packages/engine/src/noun', ending: '.test.ts', source: use('@pawl/drivers') },
  { folder: 'packages/app/src/http/otlp', source: useLater('protobufjs/minimal.js') },
  { folder: 'packages/drivers/src/sqlite', source: use('kysely') },
  { folder: 'packages/drivers/src/sqlite', source: use('node:sqlite') },
  { folder: 'packages/app/src/config', source: say(`process.env['HOME']`) },
  { folder: 'scripts', source: say(`process.env['HOME']`) },
  { folder: 'examples/project', source: say(`process.env['HOME']`) },
  { folder: 'test/noun', ending: '.test.ts', source: `import { test } from 'node:test';\ntest('a', async () => {});\n` },
  { folder: 'test/noun', source: use('../../packages/drivers/conformance/blobs.ts') },
];
