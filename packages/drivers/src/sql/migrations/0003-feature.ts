import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0003-feature',
  up: (t) => [
    `CREATE TABLE feature_view (
      name ${t.text} NOT NULL PRIMARY KEY, entity ${t.text} NOT NULL, dataset ${t.text} NOT NULL, id_column ${t.text} NOT NULL,
      streams ${t.text} NOT NULL, features ${t.text} NOT NULL
    ) ${t.strict}`,
    `CREATE TABLE feature_event (
      view ${t.text} NOT NULL, stream ${t.text} NOT NULL, id ${t.text} NOT NULL, key ${t.text} NOT NULL, time ${t.int} NOT NULL,
      PRIMARY KEY (id, view, stream)
    ) ${t.keyed}`,
    'CREATE INDEX feature_event_key ON feature_event (view, key, stream, time)',
    // For expiry alone. On the bare column PostgreSQL would count windows by it too, over all keys, as long as it has no statistics.
    'CREATE INDEX feature_event_age ON feature_event (view, (time + 0))',
  ],
};
