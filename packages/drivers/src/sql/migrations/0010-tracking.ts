import type { Migration } from '../migrate.ts';

/**
 * Experiments and runs get what MLflow's clients keep in them. `run_latest` has one row for each run and key, maintained with every write, so that filters and
 * orders read no history; its `value` is NULL for NaN, which then is neither less nor greater than anything.
 */
export const migration: Migration = {
  name: '0010-tracking',
  up: (t) => [
    `ALTER TABLE experiment ADD COLUMN updated_at ${t.int} NOT NULL DEFAULT 0`,
    'UPDATE experiment SET updated_at = created_at',
    `ALTER TABLE experiment ADD COLUMN artifact_location ${t.text}`,
    `ALTER TABLE experiment ADD COLUMN lifecycle ${t.text} NOT NULL DEFAULT 'active'`,
    'CREATE INDEX experiment_created ON experiment (created_at DESC, id)',
    `CREATE TABLE experiment_tag (
      experiment ${t.int} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (experiment, key)
    ) ${t.keyed}`,
    `ALTER TABLE run ADD COLUMN user_id ${t.text} NOT NULL DEFAULT ''`,
    `ALTER TABLE run ADD COLUMN lifecycle ${t.text} NOT NULL DEFAULT 'active'`,
    // Whether it fell with its experiment: restoring that restores it too.
    `ALTER TABLE run ADD COLUMN fell ${t.int} NOT NULL DEFAULT 0`,
    `ALTER TABLE run ADD COLUMN artifact_uri ${t.text} NOT NULL DEFAULT ''`,
    "UPDATE run SET artifact_uri = 'mlflow-artifacts:/' || experiment || '/' || id || '/artifacts'",
    'DROP INDEX run_experiment',
    'CREATE INDEX run_search ON run (experiment, lifecycle, started_at DESC, id)',
    `CREATE TABLE run_latest (
      run ${t.text} NOT NULL, key ${t.text} NOT NULL, experiment ${t.int} NOT NULL, step ${t.int} NOT NULL, time ${t.int} NOT NULL,
      value ${t.real}, nan ${t.int} NOT NULL, least ${t.real}, greatest ${t.real}, PRIMARY KEY (run, key)
    ) ${t.keyed}`,
    `INSERT INTO run_latest (run, key, experiment, step, time, value, nan, least, greatest)
      SELECT m.run, m.key, r.experiment, m.step, m.time, CASE WHEN m.nan = 1 THEN NULL ELSE m.value END, m.nan, m.least, m.greatest
      FROM (
        SELECT run_metric.*, row_number() OVER (PARTITION BY run, key ORDER BY step DESC, time DESC, nan DESC, value DESC) AS place,
          min(CASE WHEN nan = 0 THEN value END) OVER (PARTITION BY run, key) AS least,
          max(CASE WHEN nan = 0 THEN value END) OVER (PARTITION BY run, key) AS greatest
        FROM run_metric
      ) m JOIN run r ON r.id = m.run WHERE m.place = 1`,
    'CREATE INDEX run_latest_value ON run_latest (experiment, key, value)',
    `CREATE TABLE logged_dataset (
      experiment ${t.int} NOT NULL, name ${t.text} NOT NULL, digest ${t.text} NOT NULL, source_type ${t.text} NOT NULL, source ${t.text} NOT NULL,
      schema ${t.text}, profile ${t.text}, PRIMARY KEY (experiment, name, digest)
    ) ${t.strict}`,
    `CREATE TABLE run_dataset (
      run ${t.text} NOT NULL, experiment ${t.int} NOT NULL, name ${t.text} NOT NULL, digest ${t.text} NOT NULL, context ${t.text} NOT NULL,
      tags ${t.text} NOT NULL, PRIMARY KEY (run, name, digest, context)
    ) ${t.keyed}`,
    'CREATE INDEX run_dataset_experiment ON run_dataset (experiment, name, digest, context)',
    `CREATE TABLE run_model (
      run ${t.text} NOT NULL, model ${t.text} NOT NULL, way ${t.text} NOT NULL, step ${t.int} NOT NULL, PRIMARY KEY (run, way, model)
    ) ${t.keyed}`,
  ],
};
