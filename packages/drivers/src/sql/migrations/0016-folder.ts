import type { Migration } from '../migrate.ts';

/** Experiments lie in folders: at first where their names say, as `folderOfName` reads them. What a run made can move with it, and its files stay. */
export const migration: Migration = {
  name: '0016-folder',
  up: (t) => [
    `ALTER TABLE experiment ADD COLUMN folder ${t.text} NOT NULL DEFAULT ''`,
    // Everything up to the last slash: what is left when all characters but slashes are taken from the right.
    `UPDATE experiment SET folder = trim(rtrim(rtrim(name, '/'), replace(name, '/', '')), '/')
      WHERE name LIKE '%/%' AND name NOT LIKE '%//%' AND name NOT LIKE '%./%' AND name NOT LIKE '% /%' AND name NOT LIKE '%/ %'`,
    // Whether it was deleted with its folder: restoring that restores it too.
    `ALTER TABLE experiment ADD COLUMN fell ${t.int} NOT NULL DEFAULT 0`,
    'CREATE INDEX experiment_folder ON experiment (folder, id)',
    // Root of its artifacts, once it lies in another experiment than where they were stored.
    `ALTER TABLE logged_model ADD COLUMN artifact_root ${t.text}`,
    "CREATE INDEX run_tag_parent ON run_tag (value, run) WHERE key = 'mlflow.parentRunId'",
  ],
};
