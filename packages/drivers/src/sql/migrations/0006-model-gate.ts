import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0006-model-gate',
  up: (t) => [
    `CREATE TABLE model (name ${t.text} NOT NULL PRIMARY KEY, created_at ${t.int} NOT NULL) ${t.strict}`,
    `CREATE TABLE model_version (
      model ${t.text} NOT NULL REFERENCES model (name), version ${t.int} NOT NULL, package ${t.text} NOT NULL, run ${t.text}, task ${t.text},
      inputs ${t.text} NOT NULL, evaluation_dataset ${t.text}, evaluation_version ${t.int}, stage ${t.text} NOT NULL,
      description ${t.text} NOT NULL, created_at ${t.int} NOT NULL, created_by ${t.text} NOT NULL, key ${t.text} NOT NULL,
      revision ${t.int} NOT NULL, PRIMARY KEY (model, version), UNIQUE (model, key)
    ) ${t.strict}`,
    'CREATE INDEX model_version_stage ON model_version (model, stage, version)',
    `CREATE TABLE model_alias (
      model ${t.text} NOT NULL, alias ${t.text} NOT NULL, version ${t.int} NOT NULL, PRIMARY KEY (model, alias),
      FOREIGN KEY (model, version) REFERENCES model_version (model, version)
    ) ${t.strict}`,
    `CREATE TABLE gate_spec (model ${t.text} NOT NULL PRIMARY KEY, spec ${t.text} NOT NULL) ${t.strict}`,
    `CREATE TABLE gate_decision (
      id ${t.text} NOT NULL PRIMARY KEY, gate ${t.text} NOT NULL, model ${t.text} NOT NULL, candidate ${t.int} NOT NULL, champion ${t.int},
      evaluation_dataset ${t.text} NOT NULL, evaluation_version ${t.int} NOT NULL, verdict ${t.text} NOT NULL, checks ${t.text} NOT NULL,
      at ${t.int} NOT NULL, forced ${t.text}
    ) ${t.strict}`,
    'CREATE INDEX gate_decision_at ON gate_decision (at, id)',
    'CREATE INDEX gate_decision_model ON gate_decision (model, at, id)',
    'CREATE INDEX gate_decision_candidate ON gate_decision (model, candidate, at, id)',
  ],
};
