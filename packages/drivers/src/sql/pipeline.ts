import type { Digest, Pipeline, PipelineRun, PipelineRunState, PipelineSpec, PipelineStore, RunCause, RunSchedule } from '@pawl/core';
import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';

interface PipelineTable {
  readonly name: string;
  readonly spec: string;
  readonly spec_digest: string;
  readonly root: string;
  readonly updated_at: number;
}

interface PipelineRunTable {
  readonly id: string;
  readonly pipeline: string;
  readonly spec: string;
  readonly spec_digest: string;
  readonly root: string;
  readonly params: string;
  readonly datasets: string;
  readonly cause_schedule: string | null;
  readonly cause_type: RunCause['type'];
  readonly cause_actor: string;
  readonly cause_key: string;
  readonly cause_event: string | null;
  readonly cause_note: string;
  readonly options: string;
  readonly deadline: number | null;
  readonly state: PipelineRunState;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly revision: number;
}

export interface PipelineTables {
  readonly pipeline: PipelineTable;
  readonly pipeline_run: PipelineRunTable;
}

/** In the very words of its partial index. */
const DEADLINED = sql<SqlBool>`state IN ('running', 'paused') AND deadline IS NOT NULL`;

const WITHOUT_SPEC = [
  'id',
  'pipeline',
  'spec_digest',
  'root',
  'params',
  'datasets',
  'cause_type',
  'cause_actor',
  'cause_key',
  'cause_event',
  'cause_note',
  'cause_schedule',
  'options',
  'deadline',
  'state',
  'created_at',
  'ended_at',
  'revision',
] as const;

/** Definitions of the runs read last, by run: one object each, so that what is derived from one is derived once too. */
export type SpecMemo = Map<string, PipelineSpec>;

const REMEMBERED = 64;

function remember(specs: SpecMemo, run: string, spec: PipelineSpec): void {
  specs.delete(run);
  specs.set(run, spec);
  for (const oldest of specs.keys()) {
    if (specs.size <= REMEMBERED) break;
    specs.delete(oldest);
  }
}

export function createPipelineStore({ db }: Sql, specs: SpecMemo): PipelineStore {
  const readSpec = async (id: string): Promise<PipelineSpec> => {
    const { spec } = await db.selectFrom('pipeline_run').select('spec').where('id', '=', id).executeTakeFirstOrThrow();
    return fromJson<PipelineSpec>(spec);
  };

  return {
    async get(name) {
      const row = await db.selectFrom('pipeline').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toPipeline(row);
    },
    async list() {
      return (await db.selectFrom('pipeline').selectAll().orderBy('name').execute()).map(toPipeline);
    },
    async run(id) {
      // Asked with every end of a task: the definition, which may be long, is read and parsed once.
      const row = await db.selectFrom('pipeline_run').select(WITHOUT_SPEC).where('id', '=', id).executeTakeFirst();
      if (row === undefined) return undefined;
      const spec = specs.get(id) ?? (await readSpec(id));
      remember(specs, id, spec);
      return { ...toRun({ ...row, spec: '{}' }), spec };
    },
    async runByKey(pipeline, key) {
      const row = await db
        .selectFrom('pipeline_run')
        .selectAll()
        .where('pipeline', '=', pipeline)
        .where('cause_key', '=', key)
        .executeTakeFirst();
      return row && toRun(row);
    },
    async overdue(now, limit) {
      const rows = await db
        .selectFrom('pipeline_run')
        .selectAll()
        .where(DEADLINED)
        .where('deadline', '<', now)
        .orderBy('deadline')
        .limit(limit)
        .execute();
      return rows.map(toRun);
    },
    async runs(filter, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db.selectFrom('pipeline_run').selectAll();
      if (filter.pipeline !== undefined) query = query.where('pipeline', '=', filter.pipeline);
      if (filter.state !== undefined) query = query.where('state', '=', filter.state);
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(...after)));
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page.limit, toRun, (row) => toCursor(row.created_at, row.id));
    },
    async put(pipeline) {
      const { name, ...rest } = fromPipeline(pipeline);
      await db
        .insertInto('pipeline')
        .values({ name, ...rest })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
        .execute();
    },
    async insertRun(run) {
      const row = { ...fromRun(run), revision: run.revision };
      return inserted(
        await db
          .insertInto('pipeline_run')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    async updateRun(run, expectedRevision) {
      return updated(
        await db
          .updateTable('pipeline_run')
          .set({ ...fromRun(run), revision: expectedRevision + 1 })
          .where('id', '=', run.id)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
  };
}

function fromPipeline(pipeline: Pipeline): PipelineTable {
  return {
    name: pipeline.name,
    spec: toJson(pipeline.spec),
    spec_digest: pipeline.specDigest,
    root: pipeline.root,
    updated_at: pipeline.updatedAt,
  };
}

function toPipeline(row: PipelineTable): Pipeline {
  return { name: row.name, spec: fromJson(row.spec), specDigest: row.spec_digest as Digest, root: row.root, updatedAt: row.updated_at };
}

function fromRun(run: PipelineRun): Omit<PipelineRunTable, 'revision'> {
  return {
    id: run.id,
    pipeline: run.pipeline,
    spec: toJson(run.spec),
    spec_digest: run.specDigest,
    root: run.root,
    params: toJson(run.params),
    datasets: toJson(run.datasets),
    cause_schedule: run.schedule === undefined ? null : toJson(run.schedule),
    cause_type: run.cause.type,
    cause_actor: run.cause.actor,
    cause_key: run.cause.key,
    cause_event: run.cause.event,
    cause_note: run.cause.note,
    options: toJson(run.options),
    deadline: run.options.deadline ?? null,
    state: run.state,
    created_at: run.createdAt,
    ended_at: run.endedAt,
  };
}

function toRun(row: PipelineRunTable): PipelineRun {
  return {
    id: row.id,
    pipeline: row.pipeline,
    spec: fromJson(row.spec),
    specDigest: row.spec_digest as Digest,
    root: row.root,
    params: fromJson(row.params),
    datasets: fromJson(row.datasets),
    ...(row.cause_schedule === null ? {} : { schedule: fromJson<RunSchedule>(row.cause_schedule) }),
    cause: { type: row.cause_type, actor: row.cause_actor, key: row.cause_key, event: row.cause_event, note: row.cause_note },
    options: fromJson(row.options),
    state: row.state,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    revision: row.revision,
  };
}
