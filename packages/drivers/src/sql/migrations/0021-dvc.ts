import type { Migration } from '../migrate.ts';

/** Content gets the names that DVC knows it by. */
export const migration: Migration = {
  name: '0021-dvc',
  up: (t) => [
    `CREATE TABLE dvc_object (
      dataset ${t.text} NOT NULL, legacy ${t.int} NOT NULL, name ${t.text} NOT NULL, digest ${t.text} NOT NULL, size ${t.int} NOT NULL,
      created_at ${t.int} NOT NULL, PRIMARY KEY (dataset, legacy, name)
    ) ${t.keyed}`,
  ],
};
