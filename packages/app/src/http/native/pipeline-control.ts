import type { Ids } from '@pawl/core';
import type { PipelineService } from '@pawl/engine';
import { z } from 'zod';
import { nameSchema } from '../../schema/name.ts';
import { pipelineRunSchema, taskSchema, toPipelineRun, toTask } from './pipeline-run.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { idSchema, pageOf, pageQuery, toIndex } from './schema.ts';

const oneRun = z.object({ run: idSchema });
const oneStep = z.object({ run: idSchema, step: nameSchema });

/** What people do to a run while it is under way, and running one again. */
export function pipelineControlRoutes({ pipelines, ids }: { readonly pipelines: PipelineService; readonly ids: Ids }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/pipeline-runs/:run/pause',
      operation: 'pipeline.pause',
      summary: 'Starts nothing more of a run; what runs goes on.',
      params: oneRun,
      response: pipelineRunSchema,
      handle: async ({ params, actor }) => toPipelineRun(await pipelines.pause(params.run, actor)),
    }),
    defineRoute({
      method: 'POST',
      path: '/pipeline-runs/:run/resume',
      operation: 'pipeline.resume',
      summary: 'Lets a paused run go on.',
      params: oneRun,
      response: pipelineRunSchema,
      handle: async ({ params, actor }) => toPipelineRun(await pipelines.resume(params.run, actor)),
    }),
    defineRoute({
      method: 'POST',
      path: '/pipeline-runs/:run/rerun',
      operation: 'pipeline.rerun',
      summary: 'Starts a new run with the definition, parameters and data of this one, all of it or from a step on.',
      params: oneRun,
      body: z.object({
        from: nameSchema.optional().describe('The first step that runs again; what does not depend on it keeps its result.'),
        no_cache: z.boolean().default(false).describe('Whether every step runs, whatever the cache holds.'),
        note: z.string().max(10_000).default(''),
      }),
      response: pipelineRunSchema,
      handle: async ({ params, body, actor }) => {
        const cause = { type: 'manual', actor, key: ids.next(), event: null, note: body.note } as const;
        const { from, no_cache: noCache } = body;
        return toPipelineRun(await pipelines.rerun(params.run, { cause, noCache, ...(from === undefined ? {} : { from }) }));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/pipeline-runs/:run/tasks/:step/decision',
      operation: 'pipeline.decide',
      summary: 'Answers a step that asks a person: what waits for it goes on, or the run fails.',
      params: oneStep,
      body: z.object({
        approved: z.boolean(),
        note: z.string().max(1000).default('').describe('Why.'),
        index: z.number().int().min(0).optional().describe('Of a fan-out, the element.'),
      }),
      response: taskSchema,
      handle: async ({ params, body, actor }) => {
        const { approved, note, index } = body;
        return toTask(
          await pipelines.decide(params.run, { step: params.step, approved, note, ...(index === undefined ? {} : { index }) }, actor),
        );
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/pipeline-runs/:run/tasks/:step/elements',
      operation: 'pipeline.elements',
      summary: "Lists the elements of a step's fan-out, in the order of the list.",
      params: oneStep,
      query: pageQuery,
      response: pageOf(taskSchema),
      handle: async ({ params, query }) => {
        const found = await pipelines.elements(params.run, params.step, toIndex(query.after), query.limit + 1);
        const items = found.slice(0, query.limit).map(toTask);
        return found.length > items.length ? { items, next: String(items.at(-1)?.index ?? -1) } : { items };
      },
    }),
  ];
}
