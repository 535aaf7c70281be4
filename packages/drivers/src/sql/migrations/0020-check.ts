import type { Migration } from '../migrate.ts';

/** Suites name environments, a verdict may be of one, and every table of a version has a profile, by the content of its files. */
export const migration: Migration = {
  name: '0020-check',
  up: (t) => [
    `ALTER TABLE check_suite ADD COLUMN environments ${t.text}`,
    `ALTER TABLE check_result ADD COLUMN environment ${t.text}`,
    `CREATE TABLE dataset_profile (
      manifest ${t.text} NOT NULL, folder ${t.text} NOT NULL, format ${t.text} NOT NULL, profile ${t.text} NOT NULL,
      PRIMARY KEY (manifest, folder, format)
    ) ${t.strict}`,
  ],
};
