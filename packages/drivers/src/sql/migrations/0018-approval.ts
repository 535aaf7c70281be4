import type { Migration } from '../migrate.ts';

/** Rules of the registry for models that a project governs, requests for moves, and collections of what was deleted. */
export const migration: Migration = {
  name: '0018-approval',
  up: (t) => [
    `CREATE TABLE model_policy (model ${t.text} NOT NULL PRIMARY KEY, spec ${t.text} NOT NULL) ${t.strict}`,
    `CREATE TABLE stage_request (
      id ${t.text} NOT NULL PRIMARY KEY, model ${t.text} NOT NULL, version ${t.int} NOT NULL, stage ${t.text} NOT NULL,
      alias ${t.text} NOT NULL, archive_others ${t.int} NOT NULL, reason ${t.text} NOT NULL, forced ${t.text}, state ${t.text} NOT NULL,
      requested_by ${t.text} NOT NULL, requested_at ${t.int} NOT NULL, expires_at ${t.int} NOT NULL, decided_by ${t.text},
      decided_at ${t.int}, note ${t.text} NOT NULL, revision ${t.int} NOT NULL
    ) ${t.strict}`,
    "CREATE UNIQUE INDEX stage_request_pending ON stage_request (model, version, stage, alias) WHERE state = 'pending'",
    "CREATE INDEX stage_request_expiry ON stage_request (expires_at, id) WHERE state = 'pending'",
    'CREATE INDEX stage_request_at ON stage_request (requested_at, id)',
    'CREATE INDEX stage_request_model ON stage_request (model, requested_at, id)',
    // Who let the version into Production although its gate had not said PASS, and why.
    `ALTER TABLE model_version ADD COLUMN forced ${t.text}`,
    'CREATE INDEX model_version_logged_model ON model_version (logged_model)',
    'CREATE INDEX model_version_package ON model_version (package)',
    `ALTER TABLE run ADD COLUMN deleted_at ${t.int}`,
    `UPDATE run SET deleted_at = coalesce(
      (SELECT max(time) FROM event WHERE subject = 'run/' || run.id AND type = 'run.deleted'),
      (SELECT updated_at FROM experiment WHERE experiment.id = run.experiment)
    ) WHERE lifecycle = 'deleted'`,
    "CREATE INDEX run_deleted ON run (id) WHERE lifecycle = 'deleted'",
    'CREATE INDEX logged_model_deleted ON logged_model (id) WHERE deleted_at IS NOT NULL',
    'CREATE INDEX run_model_model ON run_model (model)',
    // Numbers of experiments that are gone are not given again; the metrics of a run that is gone are deleted piece by piece.
    `CREATE TABLE experiment_removed (id ${t.int} NOT NULL PRIMARY KEY) ${t.strict}`,
    `CREATE TABLE run_removed (id ${t.text} NOT NULL PRIMARY KEY) ${t.strict}`,
    `CREATE TABLE gc_run (
      id ${t.text} NOT NULL PRIMARY KEY, state ${t.text} NOT NULL, record ${t.text} NOT NULL, started_at ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX gc_run_started ON gc_run (started_at, id)',
  ],
};
