import type { RetentionStore } from '@pawl/core';
import { sql as raw } from 'kysely';
import { toChunks } from './chunks.ts';
import { forBulk } from './context.ts';
import type { Sql } from './context.ts';

export function createRetentionStore(sql: Sql): RetentionStore {
  const { db } = sql;
  const bulk = forBulk(sql).db;

  return {
    async cursors() {
      const rows = await db.selectFrom('event_cursor').select(['reactor', 'seq']).orderBy('reactor').execute();
      return rows.map(({ reactor, seq }) => ({ name: reactor, seq }));
    },

    async newest() {
      const prediction = await db.selectFrom('prediction').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
      const event = await db.selectFrom('event').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
      return { prediction: prediction?.seq ?? 0, event: event?.seq ?? 0 };
    },

    async predictions(after, limit) {
      const { rows } = await raw<{ seq: number; endpoint: string; time: number; last_change: number | null }>`
        select seq, endpoint, time,
          (select max(c.seq) from label_change c where c.prediction = p.id and c.row_index = p.row_index) as last_change
        from prediction p where seq > ${after} order by seq limit ${limit}`.execute(bulk);
      return rows.map(({ last_change, ...row }) => ({ ...row, lastChange: last_change }));
    },

    async events(after, limit) {
      const rows = await bulk.selectFrom('event').select(['seq', 'time']).where('seq', '>', after).orderBy('seq').limit(limit).execute();
      return rows.map((row) => ({ ...row }));
    },

    async logs(kind, before, after, limit) {
      const { rows } =
        kind === 'console log'
          ? await raw<{ owner: string }>`
              select run as owner from recording where run > ${after} and state <> 'open' and heard_at < ${before}
                and exists (select 1 from console_chunk where console_chunk.run = recording.run) order by run limit ${limit}`.execute(bulk)
          : await raw<{ owner: string }>`
              select id as owner from task where id > ${after} and ended_at < ${before}
                and exists (select 1 from task_log where task_log.task = task.id) order by id limit ${limit}`.execute(bulk);
      return rows.map(({ owner }) => owner);
    },

    async waitingLabels(before) {
      const { count } = await bulk
        .selectFrom('label')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('joined', '=', raw.lit(0))
        .where('time', '<', before)
        .executeTakeFirstOrThrow();
      return count;
    },

    async removePredictions(seqs, labelsReadTo) {
      let removed = 0;
      // The largest number an engine's integer holds stands for "all of them".
      const readTo = Math.min(labelsReadTo, Number.MAX_SAFE_INTEGER);
      for (const chunk of toChunks(seqs, 1)) {
        const gone = await db
          .deleteFrom('prediction')
          .where('seq', 'in', chunk)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('label_change')
                  .select('label_change.seq')
                  .whereRef('label_change.prediction', '=', 'prediction.id')
                  .whereRef('label_change.row_index', '=', 'prediction.row_index')
                  .where('label_change.seq', '>', readTo),
              ),
            ),
          )
          .returning(['id', 'row_index'])
          .execute();
        removed += gone.length;
        for (const places of toChunks(gone, 2)) {
          for (const table of ['label', 'label_change'] as const)
            await db
              .deleteFrom(table)
              .where(({ eb, refTuple, tuple }) =>
                eb(
                  refTuple('prediction', 'row_index'),
                  'in',
                  places.map(({ id, row_index }) => tuple(id, row_index)),
                ),
              )
              .execute();
        }
      }
      return removed;
    },

    async removeEvents(seqs) {
      let removed = 0;
      for (const chunk of toChunks(seqs, 1)) {
        const [{ numDeletedRows }] = (await db.deleteFrom('event').where('seq', 'in', chunk).execute()) as [{ numDeletedRows: bigint }];
        removed += Number(numDeletedRows);
      }
      return removed;
    },

    async removeLog(kind, owner, limit) {
      const { numAffectedRows } =
        kind === 'console log'
          ? await raw`delete from console_chunk where run = ${owner} and last in
              (select last from console_chunk where run = ${owner} order by last limit ${limit})`.execute(db)
          : await raw`delete from task_log where task = ${owner} and seq in
              (select seq from task_log where task = ${owner} order by seq limit ${limit})`.execute(db);
      return Number(numAffectedRows ?? 0n);
    },

    async removeWaitingLabels(before, limit) {
      const { numAffectedRows } = await raw`delete from label where joined = 0 and (prediction, row_index) in
        (select prediction, row_index from label where joined = 0 and time < ${before} order by time limit ${limit})`.execute(db);
      return Number(numAffectedRows ?? 0n);
    },
  };
}
