import type { Migration } from '../migrate.ts';

/** Pipelines with fan-outs, pools, priorities and decisions. */
export const migration: Migration = {
  name: '0026-graph',
  up: (t) => [
    `ALTER TABLE pipeline_run ADD COLUMN options ${t.text} NOT NULL DEFAULT '{}'`,
    // Which element of a fan-out it is; -1: none.
    `ALTER TABLE pipeline_run ADD COLUMN deadline ${t.int}`,
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
    // Which task is claimed next, and nothing but that index is read for it; the one by time alone, and one that counted, are of no more use.
    "CREATE INDEX task_turn ON task (turn, place, id, ready_at, pool, pool_slots) WHERE state = 'ready'",
    'DROP INDEX task_ready',
    'DROP INDEX task_waiting',
    'DROP INDEX task_running',
    "CREATE INDEX task_held ON task (lease_until, id, worker) WHERE state IN ('running', 'canceling') AND lease_until IS NOT NULL",
    "CREATE INDEX task_pool ON task (pool) WHERE state IN ('running', 'canceling') AND pool IS NOT NULL",
    // What is not final yet is asked for with every end of a task, and is little beside what has ended.
    "CREATE INDEX task_open ON task (run) WHERE state IN ('waiting', 'ready', 'running', 'paused', 'canceling')",
    'CREATE INDEX task_step ON task (run, step) WHERE place = -1',
    'CREATE INDEX task_element ON task (run, step, place) WHERE place >= 0',
    "CREATE INDEX task_element_waiting ON task (run, step, place) WHERE state = 'waiting' AND place >= 0",
    "CREATE INDEX pipeline_run_deadline ON pipeline_run (deadline) WHERE state IN ('running', 'paused') AND deadline IS NOT NULL",
  ],
};
