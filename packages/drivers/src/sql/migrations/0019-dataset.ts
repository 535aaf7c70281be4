import type { Migration } from '../migrate.ts';

/** Versions get branches, tags and where they came from. */
export const migration: Migration = {
  name: '0019-dataset',
  up: (t) => [
    `ALTER TABLE dataset_version ADD COLUMN branch ${t.text} NOT NULL DEFAULT 'main'`,
    `ALTER TABLE dataset_version ADD COLUMN merged_from ${t.int}`,
    `ALTER TABLE dataset_version ADD COLUMN source ${t.text}`,
    `ALTER TABLE dataset_version ADD COLUMN expired_at ${t.int}`,
    'CREATE INDEX dataset_version_branch ON dataset_version (dataset, branch, version)',
    `CREATE TABLE dataset_branch (
      dataset ${t.text} NOT NULL REFERENCES dataset (name), name ${t.text} NOT NULL, base ${t.int} NOT NULL, author ${t.text} NOT NULL,
      created_at ${t.int} NOT NULL, PRIMARY KEY (dataset, name)
    ) ${t.keyed}`,
    `CREATE TABLE dataset_tag (
      dataset ${t.text} NOT NULL REFERENCES dataset (name), name ${t.text} NOT NULL, version ${t.int} NOT NULL, author ${t.text} NOT NULL,
      created_at ${t.int} NOT NULL, PRIMARY KEY (dataset, name)
    ) ${t.keyed}`,
  ],
};
