import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0008-prediction',
  up: (t) => [
    `CREATE TABLE prediction (
      seq ${t.id}, id ${t.text} NOT NULL, row_index ${t.int} NOT NULL, endpoint ${t.text} NOT NULL, model ${t.text} NOT NULL,
      version ${t.int} NOT NULL, rollout ${t.text}, arm ${t.text} NOT NULL, candidate_weight ${t.real}, key_hash ${t.text},
      request_id ${t.text}, time ${t.int} NOT NULL, latency_ms ${t.real} NOT NULL, code ${t.text} NOT NULL, inputs ${t.text} NOT NULL,
      outputs ${t.text} NOT NULL, UNIQUE (id, row_index)
    ) ${t.strict}`,
    'CREATE INDEX prediction_endpoint ON prediction (endpoint)',
    `CREATE TABLE label (
      prediction ${t.text} NOT NULL, row_index ${t.int} NOT NULL, endpoint ${t.text} NOT NULL, value ${t.int} NOT NULL,
      time ${t.int} NOT NULL, joined ${t.int} NOT NULL, PRIMARY KEY (prediction, row_index)
    ) ${t.strict}`,
    'CREATE INDEX label_endpoint ON label (endpoint, joined)',
    // Every join and every correction, kept: a reader that adds up outcomes must see the first value before the one that replaced it.
    `CREATE TABLE label_change (
      seq ${t.id}, prediction ${t.text} NOT NULL, row_index ${t.int} NOT NULL, value ${t.int} NOT NULL, time ${t.int} NOT NULL,
      replaced ${t.int}
    ) ${t.strict}`,
    'CREATE INDEX label_change_label ON label_change (prediction, row_index, seq)',
    `CREATE TABLE spool_position (spool ${t.text} NOT NULL PRIMARY KEY, position ${t.text} NOT NULL) ${t.strict}`,
  ],
};
