import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0004-experiment',
  up: (t) => [
    `CREATE TABLE experiment (id ${t.int} NOT NULL PRIMARY KEY, name ${t.text} NOT NULL UNIQUE, created_at ${t.int} NOT NULL) ${t.strict}`,
    `CREATE TABLE run (
      id ${t.text} NOT NULL PRIMARY KEY, experiment ${t.int} NOT NULL REFERENCES experiment (id), name ${t.text} NOT NULL,
      status ${t.text} NOT NULL, started_at ${t.int} NOT NULL, ended_at ${t.int}, code ${t.text}, environment ${t.text} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX run_experiment ON run (experiment, started_at, id)',
    'CREATE INDEX run_started ON run (started_at, id)',
    `CREATE TABLE run_param (run ${t.text} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (run, key)) ${t.keyed}`,
    `CREATE TABLE run_tag (run ${t.text} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (run, key)) ${t.keyed}`,
    `CREATE TABLE run_input (
      run ${t.text} NOT NULL, dataset ${t.text} NOT NULL, version ${t.int} NOT NULL, role ${t.text} NOT NULL,
      PRIMARY KEY (run, dataset, version, role)
    ) ${t.keyed}`,
    'CREATE INDEX run_input_dataset ON run_input (dataset, version)',
    `CREATE TABLE run_metric (
      run ${t.text} NOT NULL, key ${t.text} NOT NULL, step ${t.int} NOT NULL, time ${t.int} NOT NULL, value ${t.real} NOT NULL,
      nan ${t.int} NOT NULL, PRIMARY KEY (run, key, step, time, value, nan)
    ) ${t.keyed}`,
    `CREATE TABLE run_artifact (
      run ${t.text} NOT NULL, path ${t.text} NOT NULL, digest ${t.text} NOT NULL, size ${t.int} NOT NULL, PRIMARY KEY (run, path)
    ) ${t.keyed}`,
  ],
};
