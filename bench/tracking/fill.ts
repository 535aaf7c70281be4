/** Puts many runs, and one long history, straight into a server's SQLite file while it is stopped: over HTTP the peer would take hours. */
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';

export interface Filling {
  readonly experiment: number;
  readonly runs: number;
  /** A run that is there: its metric `long` gets this many points. */
  readonly run: string;
  readonly points: number;
}

interface Statements {
  readonly run: string;
  readonly param: string;
  readonly tag: string;
  readonly point: string;
  readonly latest: string;
}

// The parameters of each, in order: run (id, name, started, artifacts, experiment); param, tag (run, key, value);
// point (run, key, step, time, value); latest (run, key, step, time, value, experiment).
const dialects: Readonly<Record<'pawl' | 'mlflow', Statements>> = {
  pawl: {
    run: `INSERT INTO run (id, experiment, name, status, started_at, ended_at, environment, artifact_uri)
      VALUES (?1, ?5, ?2, 'finished', ?3, ?3 + 1000, '{}', ?4)`,
    param: 'INSERT INTO run_param (run, key, value) VALUES (?, ?, ?)',
    tag: 'INSERT INTO run_tag (run, key, value) VALUES (?, ?, ?)',
    point: 'INSERT INTO run_metric (run, key, step, time, value, nan) VALUES (?, ?, ?, ?, ?, 0)',
    latest: `INSERT INTO run_latest (run, key, experiment, step, time, value, nan, least, greatest) VALUES (?1, ?2, ?6, ?3, ?4, ?5, 0, ?5, ?5)`,
  },
  mlflow: {
    run: `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version,
      lifecycle_stage, artifact_uri, experiment_id) VALUES (?1, ?2, 'UNKNOWN', '', '', 'ann', 'FINISHED', ?3, ?3 + 1000, '', 'active', ?4, ?5)`,
    param: 'INSERT INTO params (run_uuid, key, value) VALUES (?, ?, ?)',
    tag: 'INSERT INTO tags (run_uuid, key, value) VALUES (?, ?, ?)',
    point: 'INSERT INTO metrics (run_uuid, key, step, timestamp, value, is_nan) VALUES (?, ?, ?, ?, ?, 0)',
    latest: `INSERT INTO latest_metrics (run_uuid, key, step, timestamp, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5, 0)`,
  },
};

/** Each run gets four metrics, three parameters and two tags, the same on both sides. */
export function fill(kind: 'pawl' | 'mlflow', path: string, { experiment, runs, run, points }: Filling): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN IMMEDIATE');
    const sql = dialects[kind];
    const to = Object.fromEntries(Object.entries(sql).map(([name, text]) => [name, database.prepare(text)])) as Record<
      keyof Statements,
      StatementSync
    >;
    const next = seeded();
    for (let n = 0; n < runs; n++) {
      const id = n.toString(16).padStart(32, '0');
      const started = 1_700_000_000_000 + n;
      to.run.run(id, `run-${n}`, started, `mlflow-artifacts:/${experiment}/${id}/artifacts`, experiment);
      to.param.run(id, 'optimizer', n % 3 === 0 ? 'adam' : 'sgd');
      to.param.run(id, 'depth', String(n % 12));
      to.param.run(id, 'rate', String(n % 7));
      to.tag.run(id, 'mlflow.runName', `run-${n}`);
      to.tag.run(id, 'team', `team-${n % 5}`);
      for (const key of ['accuracy', 'loss', 'auc', 'f1']) {
        const value = next();
        to.point.run(id, key, 10, started, value);
        if (kind === 'pawl') to.latest.run(id, key, 10, started, value, experiment);
        else to.latest.run(id, key, 10, started, value);
      }
    }
    for (let step = 0; step < points; step++) to.point.run(run, 'long', step, 1_700_000_000_000 + step, next());
    database.exec('COMMIT; ANALYZE');
  } finally {
    database.close();
  }
}

/** Numbers in [0, 1), the same in every run of the benchmark. */
function seeded(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
