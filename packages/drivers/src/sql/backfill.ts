import type { Backfill, BackfillPartition, BackfillStore, PartitionState, PartitionUnit } from '@pawl/core';
import { sql } from 'kysely';
import type { ExpressionBuilder } from 'kysely';
import { toChunks } from './chunks.ts';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';
import type { Schema } from './schema.ts';

interface BackfillTable {
  readonly id: string;
  readonly pipeline: string;
  readonly spec_digest: string;
  readonly unit: PartitionUnit;
  readonly timezone: string;
  readonly range_from: number;
  readonly range_to: number;
  readonly params: string;
  readonly concurrency: number;
  readonly run_order: Backfill['order'];
  readonly force: number;
  readonly state: Backfill['state'];
  readonly actor: string;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly revision: number;
}

interface BackfillPartitionTable {
  readonly backfill: string;
  readonly place: number;
  readonly name: string;
  readonly start_at: number;
  readonly end_at: number;
  readonly run: string | null;
  /** `running` for all that have a run: the run itself says how it ended. */
  readonly state: PartitionState;
  readonly reason: string;
}

export interface BackfillTables {
  readonly backfill: BackfillTable;
  readonly backfill_partition: BackfillPartitionTable;
}

/** What became of a partition: what its run says where it has one. */
function stateOf(eb: ExpressionBuilder<Schema, 'backfill_partition' | 'pipeline_run'>) {
  return eb
    .case()
    .when('pipeline_run.state', 'in', ['succeeded', 'failed', 'canceled'])
    .then(eb.ref('pipeline_run.state'))
    .else(eb.ref('backfill_partition.state'))
    .end();
}

export function createBackfillStore({ db }: Sql): BackfillStore {
  const withRuns = () => db.selectFrom('backfill_partition').leftJoin('pipeline_run', 'pipeline_run.id', 'backfill_partition.run');

  const partitionRows = () =>
    withRuns().select((eb) => [
      'backfill_partition.backfill',
      'backfill_partition.place',
      'backfill_partition.name',
      'backfill_partition.start_at',
      'backfill_partition.end_at',
      'backfill_partition.run',
      'backfill_partition.reason',
      stateOf(eb).as('state'),
    ]);

  return {
    async get(id) {
      const row = await db.selectFrom('backfill').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toBackfill(row);
    },
    async list(filter, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('backfill').selectAll();
      if (filter.pipeline !== undefined) query = query.where('pipeline', '=', filter.pipeline);
      if (filter.state !== undefined) query = query.where('state', '=', filter.state);
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(...after)));
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toBackfill, (row) => toCursor(row.created_at, row.id));
    },
    async running() {
      const query = db
        .selectFrom('backfill')
        .selectAll()
        .where('state', '=', sql.lit('running' as const));
      return (await query.orderBy('created_at').orderBy('id').execute()).map(toBackfill);
    },
    async partitions(id, page) {
      const after = fromCursor(page, ['number']);
      let query = partitionRows().where('backfill', '=', id);
      if (after !== undefined) query = query.where('place', '>', after[0]);
      const rows = await query
        .orderBy('place')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toPartition, (row) => toCursor(row.place));
    },
    async counts(id) {
      const rows = await withRuns()
        .select((eb) => [stateOf(eb).as('outcome'), eb.fn.countAll<number | string>().as('count')])
        .where('backfill', '=', id)
        // By its name: PostgreSQL does not see that two expressions with parameters are one.
        .groupBy(sql`outcome`)
        .execute();
      return Object.fromEntries(rows.map((row) => [row.outcome, Number(row.count)]));
    },
    async first(id, state, limit) {
      const query = partitionRows()
        .where('backfill', '=', id)
        .where((eb) => eb(stateOf(eb), '=', state));
      return (await query.orderBy('place').limit(limit).execute()).map(toPartition);
    },
    async insert(backfill, partitions) {
      const row = { ...fromBackfill(backfill), revision: 0 };
      const isNew = inserted(
        await db
          .insertInto('backfill')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
      if (!isNew) return false;
      const rows = partitions.map(({ backfill: of, place, name, start, end, run, state, reason }) => ({
        backfill: of,
        place,
        name,
        start_at: start,
        end_at: end,
        run,
        state,
        reason,
      }));
      for (const chunk of toChunks(rows, 8)) await db.insertInto('backfill_partition').values(chunk).execute();
      return true;
    },
    async update(backfill, expectedRevision) {
      return updated(
        await db
          .updateTable('backfill')
          .set({ ...fromBackfill(backfill), revision: expectedRevision + 1 })
          .where('id', '=', backfill.id)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
    async settle({ backfill, place, run, state, reason }) {
      return updated(
        await db
          .updateTable('backfill_partition')
          .set({ run, state, reason })
          .where('backfill', '=', backfill)
          .where('place', '=', place)
          .where('run', 'is', null)
          .execute(),
      );
    },
    async reset(id) {
      await db
        .updateTable('backfill_partition')
        .set({ run: null, state: 'waiting', reason: '' })
        .where('backfill', '=', id)
        .where((eb) =>
          eb.or([
            eb('state', '=', 'refused'),
            eb(
              'run',
              'in',
              eb
                .selectFrom('pipeline_run')
                .select('id')
                .whereRef('pipeline_run.id', '=', 'backfill_partition.run')
                .where('pipeline_run.state', 'in', ['failed', 'canceled']),
            ),
          ]),
        )
        .execute();
    },
  };
}

function fromBackfill(backfill: Backfill): Omit<BackfillTable, 'revision'> {
  return {
    id: backfill.id,
    pipeline: backfill.pipeline,
    spec_digest: backfill.specDigest,
    unit: backfill.unit,
    timezone: backfill.timezone,
    range_from: backfill.from,
    range_to: backfill.to,
    params: toJson(backfill.params),
    concurrency: backfill.concurrency,
    run_order: backfill.order,
    force: backfill.force ? 1 : 0,
    state: backfill.state,
    actor: backfill.actor,
    created_at: backfill.createdAt,
    ended_at: backfill.endedAt,
  };
}

function toBackfill(row: BackfillTable): Backfill {
  return {
    id: row.id,
    pipeline: row.pipeline,
    specDigest: row.spec_digest,
    unit: row.unit,
    timezone: row.timezone,
    from: row.range_from,
    to: row.range_to,
    params: fromJson(row.params),
    concurrency: row.concurrency,
    order: row.run_order,
    force: row.force === 1,
    state: row.state,
    actor: row.actor,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    revision: row.revision,
  };
}

function toPartition(row: Omit<BackfillPartitionTable, 'state'> & { readonly state: string }): BackfillPartition {
  return {
    backfill: row.backfill,
    place: row.place,
    name: row.name,
    start: row.start_at,
    end: row.end_at,
    run: row.run,
    state: row.state as PartitionState,
    reason: row.reason,
  };
}
