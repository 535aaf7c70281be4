import type { Migration } from '../migrate.ts';

/** Tables of what is logged once a run and key, and what their values are indexed by; long texts would not fit an index of PostgreSQL. */
const tables = (t: Parameters<Migration['up']>[0]) =>
  ({
    run_param: { columns: `value ${t.text} NOT NULL`, names: 'value', indexed: 'substr(value, 1, 100)' },
    run_tag: { columns: `value ${t.text} NOT NULL`, names: 'value', indexed: 'substr(value, 1, 100)' },
    run_latest: {
      columns: `step ${t.int} NOT NULL, time ${t.int} NOT NULL, value ${t.real}, nan ${t.int} NOT NULL, least ${t.real}, greatest ${t.real}`,
      names: 'step, time, value, nan, least, greatest',
      indexed: 'value',
    },
  }) as const;

/**
 * Runs get a number, by which what is logged to them is keyed: a search over many runs looks up each of them in several tables, and a whole number is found several
 * times faster than 32 characters. Who deletes a run for good deletes its rows here too: SQLite gives the number of the last run again.
 */
export const migration: Migration = {
  name: '0013-speed',
  up: (t) => [
    `ALTER TABLE run ADD COLUMN number ${t.counted}`,
    `UPDATE run SET number = n.number FROM (SELECT id, row_number() OVER (ORDER BY started_at, id) AS number FROM run) AS n
      WHERE n.id = run.id AND run.number IS NULL`,
    // Whole: searches read nothing else of a run.
    'CREATE INDEX run_number ON run (number, experiment, lifecycle, started_at, id)',
    'DROP INDEX run_search',
    'CREATE INDEX run_search ON run (experiment, lifecycle, started_at DESC, id, number)',
    'CREATE INDEX run_named ON run (experiment, lifecycle, name, started_at DESC, id, number)',
    'DROP INDEX run_latest_value',
    ...Object.entries(tables(t)).flatMap(([table, { columns, names, indexed }]) => [
      `ALTER TABLE ${table} RENAME TO ${table}_by_id`,
      `CREATE TABLE ${table} (
        run ${t.int} NOT NULL, key ${t.text} NOT NULL, experiment ${t.int} NOT NULL, ${columns}, PRIMARY KEY (run, key)
      ) ${t.keyed}`,
      `INSERT INTO ${table} (run, key, experiment, ${names})
        SELECT run.number, old.key, run.experiment, ${names
          .split(', ')
          .map((name) => `old.${name}`)
          .join(', ')} FROM ${table}_by_id AS old JOIN run ON run.id = old.run`,
      `DROP TABLE ${table}_by_id`,
      `CREATE INDEX ${table}_value ON ${table} (experiment, key, ${indexed}, run)`,
    ]),
  ],
};
