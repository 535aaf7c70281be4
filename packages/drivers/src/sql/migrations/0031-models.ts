import type { Migration } from '../migrate.ts';

/** A prediction tells what was decided, whatever the model's outputs are called. */
export const migration: Migration = {
  name: '0031-models',
  up: (t) => [`ALTER TABLE prediction ADD COLUMN decided ${t.int}`],
};
