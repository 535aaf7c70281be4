import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0002-dataset-check',
  up: (t) => [
    `CREATE TABLE dataset (name ${t.text} NOT NULL PRIMARY KEY, created_at ${t.int} NOT NULL) ${t.strict}`,
    `CREATE TABLE dataset_version (
      dataset ${t.text} NOT NULL REFERENCES dataset (name), version ${t.int} NOT NULL, manifest ${t.text} NOT NULL,
      files ${t.int} NOT NULL, bytes ${t.int} NOT NULL, tables ${t.text} NOT NULL, message ${t.text} NOT NULL, author ${t.text} NOT NULL,
      created_at ${t.int} NOT NULL, parent ${t.int}, status ${t.text} NOT NULL, task ${t.text},
      PRIMARY KEY (dataset, version)
    ) ${t.strict}`,
    'CREATE INDEX dataset_version_manifest ON dataset_version (dataset, manifest, version)',
    `CREATE TABLE check_suite (name ${t.text} NOT NULL PRIMARY KEY, dataset ${t.text} NOT NULL, expectations ${t.text} NOT NULL) ${t.strict}`,
    `CREATE TABLE check_result (
      seq ${t.id}, id ${t.text} NOT NULL UNIQUE, dataset ${t.text} NOT NULL, version ${t.int} NOT NULL, suite ${t.text} NOT NULL,
      suite_digest ${t.text} NOT NULL, verdict ${t.text} NOT NULL, results ${t.text} NOT NULL, at ${t.int} NOT NULL,
      UNIQUE (dataset, version, suite_digest)
    ) ${t.strict}`,
  ],
};
