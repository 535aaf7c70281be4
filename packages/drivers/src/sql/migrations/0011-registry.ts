import type { Migration } from '../migrate.ts';

/**
 * Models and versions get what MLflow's registry keeps of them. A version may be without a package, and keys follow a renamed model, so the tables are
 * built anew: SQLite changes neither in place.
 */
export const migration: Migration = {
  name: '0011-registry',
  up: (t) => [
    'DROP INDEX model_version_stage',
    'ALTER TABLE model_alias RENAME TO model_alias_0006',
    'ALTER TABLE model_version RENAME TO model_version_0006',
    'ALTER TABLE model RENAME TO model_0006',
    `CREATE TABLE model (
      name ${t.text} NOT NULL PRIMARY KEY, description ${t.text} NOT NULL, last_version ${t.int} NOT NULL, created_at ${t.int} NOT NULL,
      created_by ${t.text} NOT NULL, updated_at ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX model_updated ON model (updated_at, name)',
    `CREATE TABLE model_version (
      model ${t.text} NOT NULL REFERENCES model (name) ON UPDATE CASCADE ON DELETE CASCADE, version ${t.int} NOT NULL, package ${t.text},
      source ${t.text}, location ${t.text}, logged_model ${t.text}, run ${t.text}, run_link ${t.text} NOT NULL, task ${t.text},
      inputs ${t.text} NOT NULL, evaluation_dataset ${t.text}, evaluation_version ${t.int}, stage ${t.text} NOT NULL,
      description ${t.text} NOT NULL, created_at ${t.int} NOT NULL, created_by ${t.text} NOT NULL, updated_at ${t.int} NOT NULL,
      key ${t.text} NOT NULL, revision ${t.int} NOT NULL, PRIMARY KEY (model, version), UNIQUE (model, key)
    ) ${t.strict}`,
    'CREATE INDEX model_version_stage ON model_version (model, stage, version)',
    'CREATE INDEX model_version_run ON model_version (run)',
    'CREATE INDEX model_version_updated ON model_version (updated_at, model, version)',
    'CREATE INDEX model_version_created ON model_version (created_at, model, version)',
    `CREATE TABLE model_alias (
      model ${t.text} NOT NULL, alias ${t.text} NOT NULL, version ${t.int} NOT NULL, PRIMARY KEY (model, alias),
      FOREIGN KEY (model, version) REFERENCES model_version (model, version) ON UPDATE CASCADE ON DELETE CASCADE
    ) ${t.strict}`,
    'CREATE INDEX model_alias_version ON model_alias (model, version)',
    `CREATE TABLE model_tag (
      model ${t.text} NOT NULL REFERENCES model (name) ON UPDATE CASCADE ON DELETE CASCADE, key ${t.text} NOT NULL, value ${t.text} NOT NULL,
      PRIMARY KEY (model, key)
    ) ${t.strict}`,
    'CREATE INDEX model_tag_key ON model_tag (key, model)',
    `CREATE TABLE model_version_tag (
      model ${t.text} NOT NULL, version ${t.int} NOT NULL, key ${t.text} NOT NULL, value ${t.text} NOT NULL, PRIMARY KEY (model, version, key),
      FOREIGN KEY (model, version) REFERENCES model_version (model, version) ON UPDATE CASCADE ON DELETE CASCADE
    ) ${t.strict}`,
    'CREATE INDEX model_version_tag_key ON model_version_tag (key, model, version)',
    `INSERT INTO model (name, description, last_version, created_at, created_by, updated_at)
      SELECT name, '', (SELECT coalesce(max(v.version), 0) FROM model_version_0006 v WHERE v.model = name), created_at, 'system:migration', created_at
      FROM model_0006`,
    `INSERT INTO model_version (model, version, package, run, run_link, task, inputs, evaluation_dataset, evaluation_version, stage, description,
        created_at, created_by, updated_at, key, revision)
      SELECT model, version, package, run, '', task, inputs, evaluation_dataset, evaluation_version, stage, description,
        created_at, created_by, created_at, key, revision FROM model_version_0006`,
    'INSERT INTO model_alias (model, alias, version) SELECT model, alias, version FROM model_alias_0006',
    'DROP TABLE model_alias_0006',
    'DROP TABLE model_version_0006',
    'DROP TABLE model_0006',
    `CREATE TABLE webhook (
      id ${t.text} NOT NULL PRIMARY KEY, name ${t.text} NOT NULL, description ${t.text} NOT NULL, url ${t.text} NOT NULL, topics ${t.text} NOT NULL,
      secret ${t.text}, status ${t.text} NOT NULL, created_at ${t.int} NOT NULL, updated_at ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX webhook_created ON webhook (created_at, id)',
    `CREATE TABLE webhook_delivery (
      id ${t.text} NOT NULL PRIMARY KEY, webhook ${t.text} NOT NULL REFERENCES webhook (id) ON DELETE CASCADE, body ${t.text} NOT NULL,
      state ${t.text} NOT NULL, attempts ${t.int} NOT NULL, due_at ${t.int} NOT NULL, created_at ${t.int} NOT NULL, problem ${t.text} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX webhook_delivery_due ON webhook_delivery (state, due_at, id)',
    'CREATE INDEX webhook_delivery_webhook ON webhook_delivery (webhook)',
  ],
};
