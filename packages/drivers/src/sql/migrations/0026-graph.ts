import type { Migration } from '../migrate.ts';

/** Pipelines with fan-outs, pools, priorities and decisions. */
export const migration: Migration = {
  name: '0026-graph',
  up: (t) => [
    `ALTER TABLE pipeline_run ADD COLUMN options ${t.text} NOT NULL DEFAULT '{}'`,
    // Named, so that the task's own order of columns says which element it is: -1 is the step itself.
    `ALTER TABLE task ADD COLUMN place ${t.int} NOT NULL DEFAULT -1`,
    `ALTER TABLE task ADD COLUMN item ${t.text} NOT NULL DEFAULT 'null'`,
    `ALTER TABLE task ADD COLUMN elements_total ${t.int}`,
    `ALTER TABLE task ADD COLUMN elements_open ${t.int}`,
    `ALTER TABLE task ADD COLUMN elements_bad ${t.int}`,
    `ALTER TABLE task ADD COLUMN priority ${t.int} NOT NULL DEFAULT 0`,
    `ALTER TABLE task ADD COLUMN pool ${t.text}`,
    `ALTER TABLE task ADD COLUMN pool_slots ${t.int}`,
    // What a ready task is claimed by: its time, earlier for a higher priority, so that one of low priority that waits for long has its turn too.
    `ALTER TABLE task ADD COLUMN turn ${t.int} NOT NULL DEFAULT 0`,
    "UPDATE task SET turn = ready_at WHERE state = 'ready'",
    "CREATE INDEX task_turn ON task (turn, id, ready_at, pool) WHERE state = 'ready'",
    'CREATE INDEX task_place ON task (run, step, place)',
    // What is not final yet is asked for with every end of a task, and is little beside what has ended.
    "CREATE INDEX task_open ON task (run, step, place) WHERE state IN ('waiting', 'ready', 'running', 'paused', 'canceling')",
    "CREATE INDEX task_pool ON task (pool) WHERE state IN ('running', 'canceling') AND pool IS NOT NULL",
    "CREATE INDEX task_canceling ON task (lease_until, id) WHERE state = 'canceling'",
    "CREATE INDEX pipeline_run_open ON pipeline_run (id) WHERE state IN ('running', 'paused', 'canceling')",
  ],
};
