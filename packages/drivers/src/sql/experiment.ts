import { fault } from '@pawl/core';
import type { Experiment, ExperimentStore } from '@pawl/core';
import { fromCursor, toCursor, toPage } from './context.ts';
import type { Sql } from './context.ts';

interface ExperimentTable {
  readonly id: number;
  readonly name: string;
  readonly created_at: number;
}

export interface ExperimentTables {
  readonly experiment: ExperimentTable;
}

/** Names under which MLflow's clients look for experiment 0. */
const DEFAULT = 'Default';

export function createExperimentStore({ db }: Sql): ExperimentStore {
  async function byName(name: string): Promise<Experiment | undefined> {
    const row = await db.selectFrom('experiment').selectAll().where('name', '=', name).executeTakeFirst();
    return row && toExperiment(row);
  }

  return {
    byName,

    async get(id) {
      const row = await db.selectFrom('experiment').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toExperiment(row);
    },

    async list(page) {
      const after = fromCursor(page, ['number']);
      let query = db
        .selectFrom('experiment')
        .selectAll()
        .orderBy('id')
        .limit(page.limit + 1);
      if (after !== undefined) query = query.where('id', '>', after[0]);
      return toPage(await query.execute(), page.limit, toExperiment, (row) => toCursor(row.id));
    },

    async ensure(name, createdAt) {
      const found = await byName(name);
      if (found !== undefined) return found;
      const last = await db
        .selectFrom('experiment')
        .select((eb) => eb.fn.max('id').as('id'))
        .executeTakeFirst();
      const id = name === DEFAULT ? 0 : (last?.id ?? 0) + 1;
      const inserted = await db
        .insertInto('experiment')
        .values({ id, name, created_at: createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (inserted !== undefined) return toExperiment(inserted);
      const first = await byName(name);
      if (first === undefined) throw fault('write_conflict', { what: `The list of experiments, while "${name}" was made,` });
      return first;
    },
  };
}

function toExperiment({ id, name, created_at }: ExperimentTable): Experiment {
  return { id, name, createdAt: created_at };
}
