import type { Migration } from '../migrate.ts';

export const migration: Migration = {
  name: '0001-event-lease',
  up: (t) => [
    `CREATE TABLE event (
      seq ${t.id}, id ${t.text} NOT NULL UNIQUE, type ${t.text} NOT NULL, subject ${t.text} NOT NULL,
      time ${t.int} NOT NULL, actor ${t.text} NOT NULL, data ${t.text} NOT NULL
    ) ${t.strict}`,
    'CREATE INDEX event_type ON event (type, seq)',
    'CREATE INDEX event_subject ON event (subject, seq)',
    `CREATE TABLE event_cursor (reactor ${t.text} NOT NULL PRIMARY KEY, seq ${t.int} NOT NULL) ${t.strict}`,
    `CREATE TABLE lease (
      name ${t.text} NOT NULL PRIMARY KEY, holder ${t.text}, until ${t.int} NOT NULL, token ${t.int} NOT NULL
    ) ${t.strict}`,
  ],
};
