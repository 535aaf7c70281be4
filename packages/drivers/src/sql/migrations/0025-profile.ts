import type { Migration } from '../migrate.ts';

/** Suites may judge versions unasked; profiles of content that no version holds are found by it. */
export const migration: Migration = {
  name: '0025-profile',
  up: (t) => [
    `ALTER TABLE check_suite ADD COLUMN automatic ${t.int} NOT NULL DEFAULT 0`,
    'CREATE INDEX dataset_version_content ON dataset_version (manifest)',
  ],
};
