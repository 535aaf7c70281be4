import type { Migration } from '../migrate.ts';

/** Files of runs become one of several kinds of trees. */
export const migration: Migration = {
  name: '0012-artifact',
  up: (t) => [
    'ALTER TABLE run_artifact RENAME TO artifact',
    'ALTER TABLE artifact RENAME COLUMN run TO tree',
    `UPDATE artifact SET tree = 'run/' || tree`,
    `CREATE TABLE artifact_upload (
      id ${t.text} NOT NULL PRIMARY KEY, token ${t.text} NOT NULL, tree ${t.text} NOT NULL, path ${t.text} NOT NULL, created_at ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX artifact_upload_created ON artifact_upload (created_at)',
    `CREATE TABLE artifact_part (
      upload ${t.text} NOT NULL REFERENCES artifact_upload (id) ON DELETE CASCADE, number ${t.int} NOT NULL, digest ${t.text} NOT NULL,
      size ${t.int} NOT NULL, PRIMARY KEY (upload, number)
    ) ${t.keyed}`,
    `CREATE TABLE logged_model (
      id ${t.text} NOT NULL PRIMARY KEY, experiment ${t.int} NOT NULL REFERENCES experiment (id), name ${t.text} NOT NULL, type ${t.text} NOT NULL,
      status ${t.text} NOT NULL, run ${t.text}, created_at ${t.int} NOT NULL, updated_at ${t.int} NOT NULL, deleted_at ${t.int}
    ) ${t.strict}`,
    'CREATE INDEX logged_model_experiment ON logged_model (experiment, created_at, id)',
    'CREATE INDEX logged_model_run ON logged_model (run)',
    `CREATE TABLE logged_model_param (
      model ${t.text} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (model, key)
    ) ${t.keyed}`,
    `CREATE TABLE logged_model_tag (
      model ${t.text} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (model, key)
    ) ${t.keyed}`,
    `CREATE TABLE logged_model_metric (
      model ${t.text} NOT NULL, key ${t.text} NOT NULL, run ${t.text} NOT NULL, step ${t.int} NOT NULL, time ${t.int} NOT NULL,
      value ${t.real} NOT NULL, nan ${t.int} NOT NULL, dataset_name ${t.text} NOT NULL, dataset_digest ${t.text} NOT NULL,
      PRIMARY KEY (model, key, step, time, run, value, nan, dataset_name, dataset_digest)
    ) ${t.keyed}`,
  ],
};
