import { PARENT_TAG } from '@pawl/core';
import type { RunMoveStore, RunPlace } from '@pawl/core';
import { sql } from 'kysely';
import type { Sql } from './context.ts';
import { toTextList } from './search/ids.ts';

export function createRunMoveStore({ db, engine }: Sql): RunMoveStore {
  return {
    async family(runs) {
      // The key is written out: a partial index serves no parameter. UNION, not UNION ALL: tags are anybody's, and may go in a circle.
      const { rows } = await sql<RunPlace>`
        with recursive family (id, number) as (
          select id, number from run where id in ${toTextList(engine, runs)}
          union select run.id, run.number from family
            join run_tag as t on t.value = family.id and t.key = ${sql.lit(PARENT_TAG)} join run on run.number = t.run
        )
        select run.id, run.experiment, run.lifecycle from family join run on run.id = family.id order by run.id`.execute(db);
      return rows.map((row) => ({ ...row }));
    },

    async places(runs) {
      const { rows } = await sql<RunPlace>`
        select id, experiment, lifecycle from run where id in ${toTextList(engine, runs)} order by id`.execute(db);
      return rows.map((row) => ({ ...row }));
    },

    async move(runs, { experiment: from, root }, to) {
      const list = toTextList(engine, runs);
      await sql`update run set experiment = ${to}, fell = 0 where id in ${list}`.execute(db);
      for (const table of ['run_latest', 'run_param', 'run_tag'] as const) {
        await sql`update ${sql.table(table)} set experiment = ${to} where run in (select number from run where id in ${list})`.execute(db);
      }
      // What was said of a dataset is said once for each experiment; where the other knows it already, its own words stay.
      await sql`
        insert into logged_dataset (experiment, name, digest, source_type, source, schema, profile)
        select distinct cast(${to} as bigint), d.name, d.digest, d.source_type, d.source, d.schema, d.profile
        from run_dataset as u join logged_dataset as d on d.experiment = u.experiment and d.name = u.name and d.digest = u.digest
        where u.run in ${list} and u.experiment = ${from} on conflict do nothing`.execute(db);
      await sql`update run_dataset set experiment = ${to} where run in ${list}`.execute(db);
      await sql`
        update logged_model set experiment = ${to}, artifact_root = coalesce(artifact_root, ${root})
        where run in ${list} and experiment = ${from}`.execute(db);
    },
  };
}
