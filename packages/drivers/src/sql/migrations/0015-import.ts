import type { Migration } from '../migrate.ts';

/**
 * What imports add: numbers of experiments that are larger than a number here can be (MLflow's file store gives 18 digits), and which runs and logged models
 * came in part only, because their import was cut off.
 */
export const migration: Migration = {
  name: '0015-import',
  up: (t) => [
    `CREATE TABLE experiment_foreign (id ${t.text} NOT NULL PRIMARY KEY, experiment ${t.int} NOT NULL UNIQUE) ${t.strict}`,
    `CREATE TABLE import_pending (kind ${t.text} NOT NULL, id ${t.text} NOT NULL, PRIMARY KEY (kind, id)) ${t.keyed}`,
  ],
};
