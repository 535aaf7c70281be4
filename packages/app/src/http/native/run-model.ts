import { parseLoggedModelFilter } from '@pawl/core';
import type { LoggedModel } from '@pawl/core';
import type { LoggedModelService, RunService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { idSchema, pageOf, pageQuery, textsSchema, timeSchema, toPageRequest, toTime } from './schema.ts';

const loggedModelSchema = z
  .object({
    id: z.string(),
    experiment: z.number().int(),
    name: z.string(),
    type: z.string().describe('What its framework calls it; may be empty.'),
    status: z.enum(['pending', 'ready', 'failed']),
    run: z.string().nullable(),
    created_at: timeSchema,
    updated_at: timeSchema,
    params: textsSchema,
    tags: textsSchema,
  })
  .meta({ id: 'LoggedModel' });

function toLoggedModel({
  id,
  experiment,
  name,
  type,
  status,
  run,
  params,
  tags,
  ...times
}: LoggedModel): z.infer<typeof loggedModelSchema> {
  const { createdAt, updatedAt } = times;
  return { id, experiment, name, type, status, run, params, tags, created_at: toTime(createdAt), updated_at: toTime(updatedAt) };
}

interface Ports {
  readonly runs: RunService;
  readonly loggedModels: LoggedModelService;
}

/** Models that a run saved, registered or not. */
export function runModelRoutes({ runs, loggedModels }: Ports): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/runs/:run/logged-models',
      operation: 'run.logged_models',
      summary: 'Lists the models that a run saved, newest first.',
      params: z.object({ run: idSchema }),
      query: pageQuery,
      response: pageOf(loggedModelSchema),
      handle: async ({ params, query }) => {
        const { id, experiment } = await runs.get(params.run);
        const filter = parseLoggedModelFilter(`source_run_id = '${id}'`);
        const page = await loggedModels.search({ ...toPageRequest(query), experiments: [experiment], filter, orders: [], datasets: [] });
        return { ...page, items: page.items.map(toLoggedModel) };
      },
    }),
  ];
}
