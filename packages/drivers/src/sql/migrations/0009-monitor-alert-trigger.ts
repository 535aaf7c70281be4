import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0009-monitor-alert-trigger',
  up: (t) => [
    `CREATE TABLE monitor_spec (name ${t.text} NOT NULL PRIMARY KEY, spec ${t.text} NOT NULL) ${t.strict}`,
    `CREATE TABLE monitor_reference (
      monitor ${t.text} NOT NULL, version ${t.int} NOT NULL, profile ${t.text} NOT NULL, rows ${t.int} NOT NULL,
      PRIMARY KEY (monitor, version)
    ) ${t.strict}`,
    `CREATE TABLE monitor_bucket (
      monitor ${t.text} NOT NULL, version ${t.int} NOT NULL, start ${t.int} NOT NULL, rows ${t.int} NOT NULL, histograms ${t.text} NOT NULL,
      quality ${t.text} NOT NULL, revision ${t.int} NOT NULL, PRIMARY KEY (monitor, version, start)
    ) ${t.strict}`,
    `CREATE TABLE monitor_window (
      monitor ${t.text} NOT NULL, version ${t.int} NOT NULL, start ${t.int} NOT NULL, until ${t.int} NOT NULL, rows ${t.int} NOT NULL,
      status ${t.text} NOT NULL, drift ${t.text} NOT NULL, quality ${t.text} NOT NULL, revised ${t.int} NOT NULL,
      PRIMARY KEY (monitor, version, start)
    ) ${t.strict}`,
    'CREATE INDEX monitor_window_start ON monitor_window (monitor, start, version)',
    `CREATE TABLE monitor_detector (
      monitor ${t.text} NOT NULL, version ${t.int} NOT NULL, detector ${t.text} NOT NULL, state ${t.text} NOT NULL,
      revision ${t.int} NOT NULL, PRIMARY KEY (monitor, version, detector)
    ) ${t.strict}`,
    `CREATE TABLE alert (
      id ${t.text} NOT NULL PRIMARY KEY, monitor ${t.text} NOT NULL, kind ${t.text} NOT NULL, version ${t.int} NOT NULL,
      state ${t.text} NOT NULL, pending_at ${t.int} NOT NULL, fired_at ${t.int}, resolved_at ${t.int}, summary ${t.text} NOT NULL,
      evidence ${t.text} NOT NULL, revision ${t.int} NOT NULL
    ) ${t.strict}`,
    "CREATE UNIQUE INDEX alert_open ON alert (monitor, kind) WHERE state IN ('pending', 'firing')",
    'CREATE INDEX alert_pending_at ON alert (pending_at, id)',
    'CREATE INDEX alert_monitor ON alert (monitor, pending_at, id)',
    'CREATE INDEX alert_state ON alert (state, pending_at, id)',
    `CREATE TABLE trigger_spec (name ${t.text} NOT NULL PRIMARY KEY, spec ${t.text} NOT NULL) ${t.strict}`,
    `CREATE TABLE trigger_decision (
      seq ${t.id}, id ${t.text} NOT NULL UNIQUE, trigger_name ${t.text} NOT NULL, event ${t.text} NOT NULL, decision ${t.text} NOT NULL,
      reason ${t.text} NOT NULL, run ${t.text}, at ${t.int} NOT NULL, UNIQUE (trigger_name, event, decision)
    ) ${t.strict}`,
    'CREATE INDEX trigger_decision_order ON trigger_decision (trigger_name, seq)',
    'CREATE INDEX trigger_decision_kind ON trigger_decision (trigger_name, decision, seq)',
  ],
};
