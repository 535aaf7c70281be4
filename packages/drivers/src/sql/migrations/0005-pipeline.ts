import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0005-pipeline',
  up: (t) => [
    `CREATE TABLE pipeline (
      name ${t.text} NOT NULL PRIMARY KEY, spec ${t.text} NOT NULL, spec_digest ${t.text} NOT NULL, root ${t.text} NOT NULL,
      updated_at ${t.int} NOT NULL
    ) ${t.strict}`,
    `CREATE TABLE pipeline_run (
      id ${t.text} NOT NULL PRIMARY KEY, pipeline ${t.text} NOT NULL, spec ${t.text} NOT NULL, spec_digest ${t.text} NOT NULL,
      root ${t.text} NOT NULL, params ${t.text} NOT NULL, datasets ${t.text} NOT NULL, cause_type ${t.text} NOT NULL,
      cause_actor ${t.text} NOT NULL, cause_key ${t.text} NOT NULL, cause_event ${t.text}, cause_note ${t.text} NOT NULL,
      state ${t.text} NOT NULL, created_at ${t.int} NOT NULL, ended_at ${t.int}, revision ${t.int} NOT NULL,
      UNIQUE (pipeline, cause_key)
    ) ${t.strict}`,
    'CREATE INDEX pipeline_run_created ON pipeline_run (created_at, id)',
    'CREATE INDEX pipeline_run_pipeline ON pipeline_run (pipeline, created_at, id)',
    'CREATE INDEX pipeline_run_state ON pipeline_run (state, created_at, id)',
    `CREATE TABLE task (
      id ${t.text} NOT NULL PRIMARY KEY, run ${t.text} NOT NULL, step ${t.text} NOT NULL, state ${t.text} NOT NULL,
      attempt ${t.int} NOT NULL, lost ${t.int} NOT NULL, ready_at ${t.int} NOT NULL, open_upstreams ${t.int} NOT NULL,
      worker ${t.text}, lease_until ${t.int}, fence ${t.int} NOT NULL, cache_key ${t.text}, outputs ${t.text} NOT NULL, error ${t.text},
      started_at ${t.int}, ended_at ${t.int}, revision ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX task_run ON task (run, step)',
    // Only open tasks are claimed, reaped and counted often; the finished ones, which are nearly all, stay out of these.
    "CREATE INDEX task_ready ON task (ready_at, id) WHERE state = 'ready'",
    "CREATE INDEX task_running ON task (lease_until, id) WHERE state = 'running'",
    "CREATE INDEX task_waiting ON task (id) WHERE state = 'waiting'",
    "CREATE INDEX task_succeeded ON task (cache_key, ended_at, id) WHERE state = 'succeeded'",
    `CREATE TABLE task_log (
      task ${t.text} NOT NULL, seq ${t.int} NOT NULL, attempt ${t.int} NOT NULL, time ${t.int} NOT NULL, stream ${t.text} NOT NULL,
      text ${t.text} NOT NULL, PRIMARY KEY (task, seq)
    ) ${t.strict}`,
  ],
};
