import type { DeletedKind, Hold } from '@pawl/core';
import type { Sql } from '../context.ts';

type Find = (sql: Sql, id: string, condemned: ReadonlySet<string>) => Promise<Hold | undefined>;

const PARENT_TAG = 'mlflow.parentRunId';
const ROWS = 1000;

/** What refers to a deleted record and is not about to go itself. */
export function findHold(sql: Sql, kind: DeletedKind, id: string, condemned: ReadonlySet<string>): Promise<Hold | undefined> {
  return finders[kind](sql, id, condemned);
}

const finders: Readonly<Record<DeletedKind, Find>> = {
  async 'logged model'({ db }, id, condemned) {
    const version = await db.selectFrom('model_version').select(['model', 'version']).where('logged_model', '=', id).executeTakeFirst();
    if (version !== undefined) return { kind: 'model version', name: `${version.model}:${version.version}` };
    const users = await db
      .selectFrom('run_model')
      .innerJoin('run', 'run.id', 'run_model.run')
      .select(['run.id'])
      .where('run_model.model', '=', id)
      .where('run_model.way', '=', 'in')
      .execute();
    const user = users.find((run) => !condemned.has(`run/${run.id}`));
    return user && { kind: 'run', name: user.id };
  },

  async run({ db }, id, condemned) {
    const version = await db.selectFrom('model_version').select(['model', 'version']).where('run', '=', id).executeTakeFirst();
    if (version !== undefined) return { kind: 'model version', name: `${version.model}:${version.version}` };
    const pipeline = await db.selectFrom('pipeline_run').select(['pipeline', 'id']).where('id', '=', id).executeTakeFirst();
    if (pipeline !== undefined) return { kind: 'pipeline run', name: `${pipeline.pipeline} ${pipeline.id}` };
    const models = await db.selectFrom('logged_model').select('id').where('run', '=', id).execute();
    const model = models.find((one) => !condemned.has(`model/${one.id}`));
    if (model !== undefined) return { kind: 'logged model', name: model.id };
    const children = await db
      .selectFrom('run_tag')
      .innerJoin('run', 'run.number', 'run_tag.run')
      .select('run.id')
      .where('run_tag.key', '=', PARENT_TAG)
      .where('run_tag.value', '=', id)
      .execute();
    const child = children.find((run) => !condemned.has(`run/${run.id}`));
    return child && { kind: 'child run', name: child.id };
  },

  async experiment({ db }, id, condemned) {
    const number = Number(id);
    for (const [table, kind] of [
      ['run', 'run'],
      ['logged_model', 'logged model'],
    ] as const) {
      for (let after = ''; ;) {
        const query = db.selectFrom(table).select('id').where('experiment', '=', number).where('id', '>', after);
        const rows = await query.orderBy('id').limit(ROWS).execute();
        const staying = rows.find((row) => !condemned.has(`${table === 'run' ? 'run' : 'model'}/${row.id}`));
        if (staying !== undefined) return { kind, name: staying.id };
        if (rows.length < ROWS) break;
        after = rows.at(-1)?.id ?? after;
      }
    }
    return undefined;
  },
};
