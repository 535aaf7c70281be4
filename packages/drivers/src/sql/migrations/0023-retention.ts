import type { Migration } from '../migrate.ts';

/** Labels whose prediction never came, by age: nearly all labels are joined and stay out of it. */
export const migration: Migration = {
  name: '0023-retention',
  up: () => ['CREATE INDEX label_waiting ON label (time) WHERE joined = 0'],
};
