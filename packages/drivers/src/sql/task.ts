import type { Digest, Task, TaskLogLine, TaskState, TaskStore } from '@pawl/core';
import { PRIORITY_HEAD_START_MS } from '@pawl/core';
import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import { toChunks } from './chunks.ts';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';
import { updated } from './outcome.ts';
import { toStorable } from './text.ts';

interface TaskTable {
  readonly id: string;
  readonly run: string;
  readonly step: string;
  /** Of an element, its index; else -1. */
  readonly place: number;
  readonly item: string;
  readonly elements_total: number | null;
  readonly elements_open: number | null;
  readonly elements_bad: number | null;
  readonly priority: number;
  readonly pool: string | null;
  readonly pool_slots: number | null;
  readonly turn: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly lost: number;
  readonly ready_at: number;
  readonly open_upstreams: number;
  readonly worker: string | null;
  readonly lease_until: number | null;
  readonly fence: number;
  readonly cache_key: string | null;
  readonly outputs: string;
  readonly error: string | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly revision: number;
}

export interface TaskTables {
  readonly task: TaskTable;
  readonly task_log: TaskLogLine;
}

const COLUMNS = 26;

/** A state as a literal, not a parameter: only then does SQLite see that a partial index serves the query. */
const literal = (state: TaskState) => sql.lit(state);

/** Conditions in the very words of the partial indexes that serve them. */
const NO_ELEMENT = sql.lit(-1);
const OPEN = sql<SqlBool>`state IN ('waiting', 'ready', 'running', 'paused', 'canceling')`;
const HELD = sql<SqlBool>`state IN ('running', 'canceling') AND lease_until IS NOT NULL`;
const POOLED = sql<SqlBool>`state IN ('running', 'canceling') AND pool IS NOT NULL`;

export function createTaskStore({ db, engine }: Sql): TaskStore {
  return {
    async get(id) {
      const row = await db.selectFrom('task').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toTask(row);
    },
    async byRun(run) {
      const rows = await db.selectFrom('task').selectAll().where('run', '=', run).where('place', '=', NO_ELEMENT).orderBy('step').execute();
      return rows.map(toTask);
    },
    async elements(run, step, { after, limit, state }) {
      let query = db.selectFrom('task').selectAll().where('run', '=', run).where('step', '=', step).where('place', '>', after);
      if (after < 0) query = query.where('place', '>=', 0);
      if (state !== undefined) query = query.where('state', '=', literal(state));
      return (await query.orderBy('place').limit(limit).execute()).map(toTask);
    },
    async leased(filter, limit) {
      let query = db.selectFrom('task').selectAll().where(HELD);
      query = 'worker' in filter ? query.where('worker', '=', filter.worker) : query.where('lease_until', '<', filter.endedBefore);
      return (await query.orderBy('lease_until').orderBy('id').limit(limit).execute()).map(toTask);
    },
    async hasOpen(run) {
      const row = await db.selectFrom('task').select('id').where('run', '=', run).where(OPEN).limit(1).executeTakeFirst();
      return row !== undefined;
    },
    async tally(run) {
      const rows = await db
        .selectFrom('task')
        .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
        .where('run', '=', run)
        .groupBy('state')
        .execute();
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
    async cached(key) {
      const row = await db
        .selectFrom('task')
        .select(['id', 'outputs', 'ended_at'])
        .where('state', '=', literal('succeeded'))
        .where('cache_key', '=', key)
        .orderBy('ended_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && { task: row.id, endedAt: row.ended_at ?? 0, outputs: fromJson(row.outputs) };
    },
    async logs(task, afterSeq, limit) {
      const rows = await db
        .selectFrom('task_log')
        .selectAll()
        .where('task', '=', task)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...row }));
    },
    async insert(tasks) {
      // In order of id, so that two writers of the same tasks wait for each other and never in a ring.
      const rows = tasks.map((task) => ({ ...fromTask(task), revision: task.revision })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      for (const chunk of toChunks(rows, COLUMNS)) {
        await db
          .insertInto('task')
          .values(chunk)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
    async claim(worker, now, leaseUntil) {
      // Few: no more than tasks that run.
      const busy = await db
        .selectFrom('task')
        .select(({ fn }) => ['pool', fn.countAll<number>().as('count')])
        .where(POOLED)
        .groupBy('pool')
        .execute();
      const row = await db
        .updateTable('task')
        .set(({ eb }) => ({
          state: 'running',
          worker,
          lease_until: leaseUntil,
          started_at: now,
          attempt: eb('attempt', '+', 1),
          fence: eb('fence', '+', 1),
          revision: eb('revision', '+', 1),
        }))
        .where('id', '=', (where) => {
          let ready = where.selectFrom('task').select('id').where('state', '=', literal('ready')).where('ready_at', '<=', now);
          for (const { pool, count } of busy)
            ready = ready.where((eb) => eb.or([eb('pool', 'is', null), eb('pool', '!=', pool), eb('pool_slots', '>', count)]));
          return (
            ready
              .orderBy('turn')
              .orderBy('place')
              .orderBy('id')
              .limit(1)
              // SQLite has one writer at a time and needs no row locks.
              .$if(engine === 'postgres', (query) => query.forUpdate().skipLocked())
          );
        })
        .returningAll()
        .executeTakeFirst();
      return row && toTask(row);
    },
    async update(task, expectedRevision) {
      return updated(
        await db
          .updateTable('task')
          .set({ ...fromTask(task), revision: expectedRevision + 1 })
          .where('id', '=', task.id)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
    async appendLogs(lines) {
      const rows = lines.map((line) => ({ ...line, text: toStorable(line.text) }));
      for (const chunk of toChunks(rows, 6)) {
        await db
          .insertInto('task_log')
          .values(chunk)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
  };
}

function fromTask(task: Task): Omit<TaskTable, 'revision'> {
  return {
    id: task.id,
    run: task.run,
    step: task.step,
    place: task.index ?? -1,
    item: toJson(task.item),
    elements_total: task.elements?.total ?? null,
    elements_open: task.elements?.open ?? null,
    elements_bad: task.elements?.bad ?? null,
    priority: task.priority,
    pool: task.pool?.name ?? null,
    pool_slots: task.pool?.slots ?? null,
    turn: task.readyAt - task.priority * PRIORITY_HEAD_START_MS,
    state: task.state,
    attempt: task.attempt,
    lost: task.lost,
    ready_at: task.readyAt,
    open_upstreams: task.openUpstreams,
    worker: task.worker,
    lease_until: task.leaseUntil,
    fence: task.fence,
    cache_key: task.cacheKey,
    outputs: toJson(task.outputs),
    error: task.error === null ? null : toStorable(task.error),
    started_at: task.startedAt,
    ended_at: task.endedAt,
  };
}

function toTask(row: TaskTable): Task {
  return {
    id: row.id,
    run: row.run,
    step: row.step,
    index: row.place < 0 ? null : row.place,
    item: fromJson(row.item),
    elements: row.elements_total === null ? null : { total: row.elements_total, open: row.elements_open ?? 0, bad: row.elements_bad ?? 0 },
    priority: row.priority,
    pool: row.pool === null ? null : { name: row.pool, slots: row.pool_slots ?? 1 },
    state: row.state,
    attempt: row.attempt,
    lost: row.lost,
    readyAt: row.ready_at,
    openUpstreams: row.open_upstreams,
    worker: row.worker,
    leaseUntil: row.lease_until,
    fence: row.fence,
    cacheKey: row.cache_key as Digest | null,
    outputs: fromJson(row.outputs),
    error: row.error,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    revision: row.revision,
  };
}
