import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0007-rollout',
  up: (t) => [
    `CREATE TABLE endpoint (
      name ${t.text} NOT NULL PRIMARY KEY, model ${t.text} NOT NULL, stable ${t.int}, rollout ${t.text}, revision ${t.int} NOT NULL
    ) ${t.strict}`,
    `CREATE TABLE rollout_spec (endpoint ${t.text} NOT NULL PRIMARY KEY, spec ${t.text} NOT NULL) ${t.strict}`,
    `CREATE TABLE rollout (
      id ${t.text} NOT NULL PRIMARY KEY, endpoint ${t.text} NOT NULL, model ${t.text} NOT NULL, candidate ${t.int} NOT NULL, stable ${t.int},
      spec ${t.text} NOT NULL, state ${t.text} NOT NULL, step ${t.int} NOT NULL, started_at ${t.int} NOT NULL,
      step_started_at ${t.int} NOT NULL, ended_at ${t.int}, step_base ${t.int} NOT NULL, evidence ${t.text} NOT NULL,
      verdict ${t.text} NOT NULL, reason ${t.text} NOT NULL, actor ${t.text} NOT NULL, revision ${t.int} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX rollout_started ON rollout (started_at, id)',
    'CREATE INDEX rollout_endpoint ON rollout (endpoint, started_at, id)',
    `CREATE TABLE rollout_unit (
      rollout ${t.text} NOT NULL, metric ${t.text} NOT NULL, unit ${t.text} NOT NULL, PRIMARY KEY (rollout, metric, unit)
    ) ${t.strict}`,
  ],
};
