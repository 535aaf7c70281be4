import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@pawl/core';
import { openPostgres, openSqlite } from '../src/index.ts';

/** An empty database of its own for one test. */
export interface Opened {
  readonly database: Database;
  /** The file or URL, for a process that opens it too. */
  readonly target: string;
  /** A second handle on the same data, as another process has it. */
  another(): Promise<Database>;
  /** Closes every handle and removes the data. */
  close(): Promise<void>;
}

/** How a suite opens an engine. */
export type Open = () => Promise<Opened>;

/** SQLite on a file in a temporary folder. */
export async function openSqliteForTest(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-sqlite-'));
  const path = join(folder, 'pawl.sqlite');
  return opened(
    path,
    () => openSqlite({ path }),
    () => rm(folder, { recursive: true, force: true }),
  );
}

/** PostgreSQL on an empty database that `fresh` makes. */
export async function openPostgresForTest(
  fresh: () => Promise<{ readonly url: string; readonly drop: () => Promise<void> }>,
): Promise<Opened> {
  const { url, drop } = await fresh();
  return opened(url, () => openPostgres({ url }), drop);
}

async function opened(target: string, open: () => Promise<Database>, remove: () => Promise<void>): Promise<Opened> {
  const handles = [await open()];
  return {
    database: handles[0] as Database,
    target,
    async another() {
      const handle = await open();
      handles.push(handle);
      return handle;
    },
    async close() {
      await Promise.all(handles.map((handle) => handle.close()));
      await remove();
    },
  };
}

/** Runs a test's body on a database of its own. */
export async function withDatabase(open: Open, body: (database: Database, opened: Opened) => Promise<void>): Promise<void> {
  const handle = await open();
  try {
    await body(handle.database, handle);
  } finally {
    await handle.close();
  }
}

/** Text that engines and protocols like to break: quotes, wildcards, escapes, right-to-left, outside the BMP, combining, long. */
export const oddTexts: readonly string[] = [
  `it's "quoted" \`back\``,
  '100% _under_ \\ back\\slash',
  "'; DROP TABLE event; --",
  'naïve café, schön, 日本語, עברית',
  '👩‍🔬🧪 e\u0301',
  ' leading and trailing ',
  'tab\tline\nreturn\r\u0001\u007f',
  '$1 ?1 :name @name {}',
  'x'.repeat(20_000),
];

/** Reads every page of a list, and gives the items in the order they came. */
export async function allPages<Item>(
  list: (page: { readonly limit: number; readonly after?: string }) => Promise<{ readonly items: readonly Item[]; readonly next?: string }>,
  limit: number,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await list(after === undefined ? { limit } : { limit, after });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}
