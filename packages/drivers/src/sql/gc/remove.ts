import type { DeletedKind } from '@pawl/core';
import { sql as raw } from 'kysely';
import type { SqlBool } from 'kysely';
import type { Sql } from '../context.ts';
import { removeTraces } from '../trace.ts';

type Remove = (sql: Sql, id: string) => Promise<boolean>;

/** Removes a deleted record with all that hangs on it; false when it is gone or restored. */
export function removeDeleted(sql: Sql, kind: DeletedKind, id: string): Promise<boolean> {
  return removers[kind](sql, id);
}

const removers: Readonly<Record<DeletedKind, Remove>> = {
  async 'logged model'(sql, id) {
    const { db } = sql;
    const removed = await db
      .deleteFrom('logged_model')
      .where('id', '=', id)
      .where((eb) =>
        eb.or([
          eb('deleted_at', 'is not', null),
          eb('experiment', 'in', eb.selectFrom('experiment').select('experiment.id').where('lifecycle', '=', 'deleted')),
        ]),
      )
      .executeTakeFirst();
    if (removed.numDeletedRows === 0n) return false;
    for (const table of ['logged_model_param', 'logged_model_tag', 'logged_model_metric', 'run_model'] as const)
      await db.deleteFrom(table).where('model', '=', id).execute();
    await removeTree(sql, `model/${id}`);
    return true;
  },

  async run(sql, id) {
    const { db } = sql;
    const removal = db.deleteFrom('run').where('id', '=', id).where('lifecycle', '=', 'deleted').returning('number');
    const removed = await removal.executeTakeFirst();
    if (removed === undefined) return false;
    for (const table of ['run_param', 'run_tag', 'run_latest'] as const)
      await db.deleteFrom(table).where('run', '=', removed.number).execute();
    for (const table of ['run_input', 'run_dataset', 'run_model', 'run_usage', 'console_chunk', 'recording'] as const)
      await db.deleteFrom(table).where('run', '=', id).execute();
    await removeTree(sql, `run/${id}`);
    await db
      .insertInto('run_removed')
      .values({ id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return true;
  },

  async experiment(sql, id) {
    const { db } = sql;
    const number = Number(id);
    const removed = await db.deleteFrom('experiment').where('id', '=', number).where('lifecycle', '=', 'deleted').executeTakeFirst();
    if (removed.numDeletedRows === 0n) return false;
    for (const table of ['experiment_tag', 'logged_dataset'] as const)
      await db.deleteFrom(table).where('experiment', '=', number).execute();
    await removeTraces(sql, raw<SqlBool>`experiment = ${number}`);
    await db.insertInto('experiment_removed').values({ id: number }).execute();
    return true;
  },
};

async function removeTree({ db }: Sql, tree: `run/${string}` | `model/${string}`): Promise<void> {
  await db.deleteFrom('artifact').where('tree', '=', tree).execute();
  const uploads = db.selectFrom('artifact_upload').select('id').where('tree', '=', tree);
  await db.deleteFrom('artifact_part').where('upload', 'in', uploads).execute();
  await db.deleteFrom('artifact_upload').where('tree', '=', tree).execute();
}

/** Metrics by the million are no work for one transaction: those of removed runs go piece by piece, and whoever dies in between goes on here. */
export async function finishRuns({ db }: Sql, limit: number): Promise<number> {
  const left = await db.selectFrom('run_removed').select('id').orderBy('id').limit(1).executeTakeFirst();
  if (left === undefined) return 0;
  const key = raw`run, key, step, time, value, nan`;
  const { numAffectedRows = 0n } = await raw`
    delete from run_metric where (${key}) in (select ${key} from run_metric where run = ${left.id} limit ${limit})`.execute(db);
  if (numAffectedRows < BigInt(limit)) await db.deleteFrom('run_removed').where('id', '=', left.id).execute();
  return Number(numAffectedRows) + 1;
}
