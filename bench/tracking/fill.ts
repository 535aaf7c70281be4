/** Puts many runs, and one long history, straight into the database of a server that is stopped: over HTTP the peer would take hours. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { tables } from './tables.ts';
import type { Kind, Point, Table } from './tables.ts';

export interface Filling {
  readonly experiment: number;
  readonly runs: number;
  /** A run that is there: its metric `long` gets this many points. */
  readonly run: string;
  readonly points: number;
}

/** What the database takes rows with. */
interface Sink {
  /** Runs and what is logged to them count from here. */
  first(query: string): Promise<number>;
  add<Item>(table: Table<Item>, items: readonly Item[]): Promise<void>;
  end(): Promise<void>;
}

const AT_ONCE = 5000;

/**
 * Each run gets four metrics, and every second one a fifth, `half`; three parameters and two tags; the same on both sides.
 * @param store path of a SQLite file, or URL of a PostgreSQL database
 */
export async function fill(kind: Kind, store: string, { experiment, runs, run, points }: Filling): Promise<void> {
  const sink = store.startsWith('postgres') ? await toPostgres(kind, store) : toSqlite(store);
  const to = tables(kind, experiment, kind === 'pawl' ? await sink.first('select coalesce(max(number), 0) + 1 as first from run') : 0);
  const next = seeded();
  for (let from = 0; from < runs; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, runs - from) }, (_, at) => from + at);
    const some = numbers.map((n) => ({ n, id: n.toString(16).padStart(32, '0'), name: `run-${n}`, started: 1_700_000_000_000 + n }));
    await sink.add(to.run, some);
    const texts = (of: (n: number) => Readonly<Record<string, string>>) =>
      some.flatMap(({ n, id }) => Object.entries(of(n)).map(([key, value]) => ({ n, id, key, value })));
    await sink.add(
      to.param,
      texts((n) => ({ optimizer: n % 3 === 0 ? 'adam' : 'sgd', depth: String(n % 12), rate: String(n % 7) })),
    );
    await sink.add(
      to.tag,
      texts((n) => ({ 'mlflow.runName': `run-${n}`, team: `team-${n % 5}` })),
    );
    const values = some.flatMap(({ n, id, started }) =>
      ['accuracy', 'loss', 'auc', 'f1', ...(n % 2 === 0 ? ['half'] : [])].map((key): Point => ({
        n,
        id,
        key,
        step: 10,
        time: started,
        value: next(),
      })),
    );
    await sink.add(to.point, values);
    await sink.add(to.latest, values);
  }
  for (let from = 0; from < points; from += AT_ONCE) {
    const steps = Array.from({ length: Math.min(AT_ONCE, points - from) }, (_, at) => from + at);
    await sink.add(
      to.point,
      steps.map((step): Point => ({ n: 0, id: run, key: 'long', step, time: 1_700_000_000_000 + step, value: next() })),
    );
  }
  await sink.end();
}

function toSqlite(path: string): Sink {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA synchronous = OFF; BEGIN IMMEDIATE');
  return {
    first: async (query) => Number(database.prepare(query).get()?.['first']),
    async add({ name, columns, row }, items) {
      const places = Object.keys(columns).map(() => '?');
      const insert = database.prepare(`INSERT INTO ${name} (${Object.keys(columns).join(', ')}) VALUES (${places.join(', ')})`);
      for (const item of items) insert.run(...row(item).map((value) => (typeof value === 'boolean' ? Number(value) : value)));
    },
    async end() {
      // Without what it tells the planner, the peer's search takes minutes.
      database.exec('COMMIT; ANALYZE');
      database.close();
    },
  };
}

async function toPostgres(kind: Kind, url: string): Promise<Sink> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN');
  return {
    first: async (query) => Number((await client.query<{ first: string }>(query)).rows[0]?.first),
    async add({ name, columns, row }, items) {
      const rows = items.map(row);
      const lists = Object.values(columns).map((type, at) => `$${at + 1}::${type}[]`);
      await client.query(
        `INSERT INTO ${name} (${Object.keys(columns).join(', ')}) SELECT * FROM unnest(${lists.join(', ')})`,
        lists.map((_, at) => rows.map((values) => values[at])),
      );
    },
    async end() {
      if (kind === 'pawl') await client.query("SELECT setval(pg_get_serial_sequence('run', 'number'), (SELECT max(number) FROM run))");
      await client.query('COMMIT');
      // What the server's own background process does a minute later.
      await client.query('VACUUM ANALYZE');
      await client.end();
    },
  };
}

/** Numbers in [0, 1), the same in every run of the benchmark. */
function seeded(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
