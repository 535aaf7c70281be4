import type { Migration } from '../migrate.ts';

/** Triggers of many kinds, schedules and backfills. */
export const migration: Migration = {
  name: '0029-schedule',
  up: (t) => [
    `ALTER TABLE pipeline_run ADD COLUMN cause_schedule ${t.text}`,
    // The stage of a decision is the second half of the column "decision", so that each stage may hold an event once.
    `ALTER TABLE trigger_decision ADD COLUMN grouping_key ${t.text} NOT NULL DEFAULT ''`,
    "CREATE INDEX trigger_decision_start ON trigger_decision (trigger_name, at) WHERE decision = 'started:passed'",
    `CREATE TABLE trigger_state (
      trigger_name ${t.text} NOT NULL PRIMARY KEY, source ${t.text} NOT NULL, next_fire ${t.int}, labels_seq ${t.int} NOT NULL, labels_count ${t.int} NOT NULL, secret ${t.text},
      revision ${t.int} NOT NULL
    ) ${t.strict}`,
    `CREATE TABLE trigger_arrival (
      id ${t.text} NOT NULL PRIMARY KEY, trigger_name ${t.text} NOT NULL, event ${t.text} NOT NULL, grouping_key ${t.text} NOT NULL,
      dedupe_key ${t.text} NOT NULL, note ${t.text} NOT NULL, content ${t.text} NOT NULL, schedule ${t.text}, at ${t.int} NOT NULL,
      due_at ${t.int} NOT NULL, state ${t.text} NOT NULL, stage ${t.text} NOT NULL, reason ${t.text} NOT NULL, run ${t.text},
      UNIQUE (trigger_name, event)
    ) ${t.strict}`,
    // What waits is little beside what was decided.
    "CREATE INDEX trigger_arrival_waiting ON trigger_arrival (trigger_name, grouping_key, due_at, id) WHERE state = 'waiting'",
    'CREATE INDEX trigger_arrival_key ON trigger_arrival (trigger_name, dedupe_key, at)',
    'CREATE INDEX trigger_arrival_run ON trigger_arrival (run, id) WHERE run IS NOT NULL',
    `CREATE TABLE backfill (
      id ${t.text} NOT NULL PRIMARY KEY, pipeline ${t.text} NOT NULL, spec_digest ${t.text} NOT NULL, unit ${t.text} NOT NULL,
      timezone ${t.text} NOT NULL, range_from ${t.int} NOT NULL, range_to ${t.int} NOT NULL, params ${t.text} NOT NULL,
      concurrency ${t.int} NOT NULL, run_order ${t.text} NOT NULL, force ${t.int} NOT NULL, state ${t.text} NOT NULL,
      actor ${t.text} NOT NULL, created_at ${t.int} NOT NULL, ended_at ${t.int}, revision ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX backfill_created ON backfill (created_at, id)',
    "CREATE INDEX backfill_running ON backfill (id) WHERE state = 'running'",
    `CREATE TABLE backfill_partition (
      backfill ${t.text} NOT NULL, place ${t.int} NOT NULL, name ${t.text} NOT NULL, start_at ${t.int} NOT NULL, end_at ${t.int} NOT NULL,
      run ${t.text}, state ${t.text} NOT NULL, reason ${t.text} NOT NULL, PRIMARY KEY (backfill, place)
    ) ${t.strict}`,
  ],
};
