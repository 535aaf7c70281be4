import { parseOrder, runSearch } from '@pawl/core';
import type { RunColumns } from '@pawl/core';
import type { FolderService, TrackingService } from '@pawl/engine';
import { z } from 'zod';
import { metricSchema, runSchema, toMetric, toRun } from './experiment.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { scopeShape, toScope } from './run-scope.ts';
import { idSchema, pageOf } from './schema.ts';

const oneRun = z.object({ run: idSchema });
const keys = z.array(z.string().max(250)).max(1000);

const columnsSchema = z
  .object({ metrics: keys.optional(), params: keys.optional(), tags: keys.optional() })
  .describe('Keys to give of each run; all of a kind that is left out.');

const searchSchema = z.object({
  ...scopeShape,
  order_by: z.array(z.string().max(1000)).max(16).default([]).describe('Such as `metrics.f1 DESC`; newest first otherwise.'),
  columns: columnsSchema.optional(),
  limit: z.number().int().min(1).max(50_000).default(100).describe('Most items of one answer.'),
  after: z.string().max(20_000).optional().describe('Cursor: `next` of the answer before, to the same search.'),
});

const foundSchema = z.object({ run: runSchema, metrics: z.array(metricSchema).describe('Last value of each key.') });

interface SearchServices {
  readonly tracking: TrackingService;
  readonly experimentFolders: FolderService;
}

/** Finding runs by what was logged to them, and putting them away. */
export function runSearchRoutes({ tracking, experimentFolders }: SearchServices): readonly Route[] {
  const shown = async (id: string): Promise<z.infer<typeof runSchema>> => toRun((await tracking.get(id)).run);
  return [
    defineRoute({
      method: 'POST',
      path: '/runs/search',
      operation: 'run.search',
      summary: 'Finds runs of experiments by what was logged to them, with only the columns asked for.',
      body: searchSchema,
      response: pageOf(foundSchema),
      handle: async ({ body: { order_by, columns, limit, after, ...scope } }) => {
        const page = await tracking.search({
          ...(await toScope(experimentFolders, scope)),
          orders: parseOrder(runSearch, order_by),
          columns: toColumns(columns),
          limit,
          ...(after === undefined ? {} : { after }),
        });
        return { ...page, items: page.items.map(({ run, metrics }) => ({ run: toRun(run), metrics: metrics.map(toMetric) })) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/:run/rename',
      operation: 'run.rename',
      summary: 'Renames a run.',
      params: oneRun,
      body: z.object({ name: z.string().min(1).max(250) }),
      response: runSchema,
      handle: async ({ params, body, actor }) => {
        await tracking.update(params.run, { name: body.name }, actor);
        return shown(params.run);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/runs/:run',
      operation: 'run.delete',
      summary: 'Puts a run away: it can be read and restored, and takes no more records.',
      params: oneRun,
      response: runSchema,
      handle: async ({ params, actor }) => {
        await tracking.remove(params.run, actor);
        return shown(params.run);
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/:run/restore',
      operation: 'run.restore',
      summary: 'Brings back a run that was deleted.',
      params: oneRun,
      response: runSchema,
      handle: async ({ params, actor }) => {
        await tracking.restore(params.run, actor);
        return shown(params.run);
      },
    }),
  ];
}

function toColumns(columns: z.infer<typeof columnsSchema> = {}): RunColumns {
  const { metrics, params, tags } = columns;
  return {
    links: false,
    ...(metrics === undefined ? {} : { metrics }),
    ...(params === undefined ? {} : { params }),
    ...(tags === undefined ? {} : { tags }),
  };
}
