import type { Ids, PipelineRun, RunSchedule, Task } from '@pawl/core';
import { toRefText } from '@pawl/core';
import type { PipelineService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import {
  digestSchema,
  idSchema,
  jsonSchema,
  pageOf,
  pageQuery,
  textsSchema,
  timeSchema,
  toPageRequest,
  toTime,
  versionSchema,
} from './schema.ts';
import { taskLogRoutes } from './task-log.ts';

const runState = z.enum(['running', 'paused', 'canceling', 'succeeded', 'failed', 'canceled']);
const taskState = z.enum([
  'waiting',
  'ready',
  'running',
  'paused',
  'canceling',
  'succeeded',
  'cached',
  'failed',
  'skipped',
  'blocked',
  'canceled',
]);

export const pipelineRunSchema = z
  .object({
    id: z.string(),
    pipeline: z.string(),
    digest: digestSchema.describe('Of the definition it runs by.'),
    params: z.record(z.string(), z.string()),
    datasets: z.record(z.string(), z.number().int()).describe('Versions pinned at the start, by dataset.'),
    schedule: z
      .object({ scheduled_for: timeSchema, interval_start: timeSchema, interval_end: timeSchema.describe('Not included.') })
      .nullable()
      .describe('When a clock or a backfill wanted it, and the data it is about.'),
    cause: z.object({
      type: z.enum(['manual', 'trigger', 'backfill']),
      actor: z.string(),
      key: z.string(),
      event: z.string().nullable(),
      note: z.string(),
    }),
    state: runState,
    error: z.string().nullable().describe('Why it failed though its steps did not.'),
    rerun_of: idSchema.nullable().describe('The run it repeats.'),
    rerun_from: z.string().nullable().describe('The first step that runs again; what does not depend on it kept its result.'),
    no_cache: z.boolean(),
    created_at: timeSchema,
    ended_at: timeSchema.nullable(),
  })
  .meta({ id: 'PipelineRunRecord' });

export const taskSchema = z.object({
  id: z.string(),
  step: z.string(),
  index: z.number().int().nullable().describe('Of an element of a fan-out, its place in the list.'),
  item: jsonSchema,
  elements: z
    .object({ total: z.number().int(), open: z.number().int(), bad: z.number().int() })
    .nullable()
    .describe('Of a fan-out: elements in all, not yet ended, ended without a result.'),
  state: taskState,
  attempt: z.number().int().describe('Attempts begun.'),
  lost: z.number().int().describe('Attempts lost with their worker.'),
  worker: z.string().nullable(),
  cache_key: digestSchema.nullable(),
  outputs: z.record(
    z.string(),
    z.object({
      manifest: digestSchema,
      dataset: z.string().nullable().describe('The version it became.'),
      value: jsonSchema.optional(),
    }),
  ),
  error: z.string().nullable(),
  started_at: timeSchema.nullable(),
  ended_at: timeSchema.nullable(),
});

const runDetailSchema = z.object({ run: pipelineRunSchema, tasks: z.array(taskSchema).describe('In the order of the steps.') });

export function toPipelineRun(run: PipelineRun): z.infer<typeof pipelineRunSchema> {
  const { id, pipeline, specDigest, params, datasets, cause, state } = run;
  return {
    id,
    pipeline,
    digest: specDigest,
    params,
    datasets,
    schedule: toSchedule(run.schedule),
    cause: { ...cause },
    state,
    error: run.options.error ?? null,
    rerun_of: run.options.rerunOf ?? null,
    rerun_from: run.options.from ?? null,
    no_cache: run.options.noCache === true,
    created_at: toTime(run.createdAt),
    ended_at: toTime(run.endedAt),
  };
}

function toSchedule(schedule: RunSchedule | undefined): z.infer<typeof pipelineRunSchema>['schedule'] {
  if (schedule === undefined) return null;
  const { scheduledFor, start, end } = schedule;
  return { scheduled_for: toTime(scheduledFor), interval_start: toTime(start), interval_end: toTime(end) };
}

export function toTask(task: Task): z.infer<typeof taskSchema> {
  const { id, step, state, attempt, lost, worker, error } = task;
  const outputs = Object.entries(task.outputs).map(([name, { manifest, dataset, value }]) => [
    name,
    { manifest, dataset: dataset === null ? null : toRefText(dataset), ...(value === undefined ? {} : { value }) },
  ]);
  return {
    id,
    step,
    index: task.index,
    item: task.item,
    elements: task.elements,
    state,
    attempt,
    lost,
    worker,
    cache_key: task.cacheKey,
    outputs: Object.fromEntries(outputs) as z.infer<typeof taskSchema>['outputs'],
    error,
    started_at: toTime(task.startedAt),
    ended_at: toTime(task.endedAt),
  };
}

const oneRun = z.object({ run: idSchema });

export function pipelineRunRoutes({ pipelines, ids }: { readonly pipelines: PipelineService; readonly ids: Ids }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/pipelines/:pipeline/runs',
      operation: 'pipeline.start',
      summary: 'Starts a run. The same key gives the same run.',
      params: z.object({ pipeline: nameSchema }),
      body: z.object({
        params: textsSchema.default({}),
        datasets: z.record(nameSchema, versionSchema).default({}).describe('Versions by dataset; the latest of each that is not named.'),
        key: z.string().min(1).max(250).optional().describe('Absent: each request starts a run of its own.'),
        note: z.string().max(10_000).default(''),
        no_cache: z.boolean().default(false).describe('Whether every step runs, whatever the cache holds.'),
      }),
      response: z.object({ created: z.boolean(), run: pipelineRunSchema }),
      handle: async ({ params, body, actor }) => {
        const { run, created } = await pipelines.start({
          pipeline: params.pipeline,
          params: body.params,
          datasets: body.datasets,
          noCache: body.no_cache,
          cause: { type: 'manual', actor, key: body.key ?? ids.next(), event: null, note: body.note },
        });
        return { created, run: toPipelineRun(run) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/pipeline-runs',
      operation: 'pipeline.runs',
      summary: 'Lists runs of pipelines, newest first.',
      query: pageQuery.extend({ pipeline: nameSchema.optional(), state: runState.optional() }),
      response: pageOf(pipelineRunSchema),
      handle: async ({ query }) => {
        const { pipeline, state } = query;
        const filter = { ...(pipeline === undefined ? {} : { pipeline }), ...(state === undefined ? {} : { state }) };
        const page = await pipelines.runs(filter, toPageRequest(query));
        return { ...page, items: page.items.map(toPipelineRun) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/pipeline-runs/:run',
      operation: 'pipeline.run',
      summary: 'Shows a run of a pipeline with its tasks.',
      params: oneRun,
      response: runDetailSchema,
      handle: async ({ params }) => ({
        run: toPipelineRun(await pipelines.run(params.run)),
        tasks: (await pipelines.tasks(params.run)).map(toTask),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/pipeline-runs/:run/retry',
      operation: 'pipeline.retry',
      summary: 'Runs what did not succeed again; what succeeded stays.',
      params: oneRun,
      response: pipelineRunSchema,
      handle: async ({ params, actor }) => toPipelineRun(await pipelines.retry(params.run, actor)),
    }),
    defineRoute({
      method: 'POST',
      path: '/pipeline-runs/:run/cancel',
      operation: 'pipeline.cancel',
      summary: 'Stops a run. One that has ended stays as it is.',
      params: oneRun,
      response: pipelineRunSchema,
      handle: async ({ params, actor }) => toPipelineRun(await pipelines.cancel(params.run, actor)),
    }),
    defineRoute({
      method: 'GET',
      path: '/pipeline-runs/:run/explanation',
      operation: 'pipeline.explain',
      summary: 'Tells why each step ran, was taken from the cache, or did not run.',
      params: oneRun,
      response: z.object({
        steps: z.array(z.object({ step: z.string(), state: taskState, reason: z.string(), changes: z.array(z.string()) })),
      }),
      handle: async ({ params }) => ({ steps: await pipelines.explain(params.run) }),
    }),
    ...taskLogRoutes({ pipelines }),
  ];
}
