import type { Clock, PythonEnvironmentRecord, Pythons } from '@pawl/core';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { digestSchema, pageFrom, pageOf, pageQuery, timeSchema, toTime } from './schema.ts';

const DAY = 86_400_000;

const environmentSchema = z
  .object({
    digest: digestSchema.describe('Of all that decides what is in it; part of the keys of results.'),
    version: z.string().describe('Of Python.'),
    requirements: z.array(z.string()),
    bytes: z.number(),
    created_at: timeSchema,
    used_at: timeSchema.describe('When a step began with it last.'),
  })
  .meta({ id: 'PythonEnvironment' });

function toEnvironment(record: PythonEnvironmentRecord): z.infer<typeof environmentSchema> {
  const { digest, version, requirements, bytes, createdAt, usedAt } = record;
  const lines = requirements === '' ? [] : requirements.split('\n');
  return { digest, version, requirements: lines, bytes, created_at: toTime(createdAt), used_at: toTime(usedAt) };
}

export function pythonEnvironmentRoutes({ pythons, clock }: { readonly pythons: Pythons; readonly clock: Clock }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/python-environments',
      operation: 'pipeline.environments',
      summary: 'Lists the Python environments of steps on this server, the one used last first.',
      query: pageQuery,
      response: pageOf(environmentSchema),
      handle: async ({ query }) => pageFrom((await pythons.list()).map(toEnvironment), query, ({ digest }) => digest),
    }),
    defineRoute({
      method: 'POST',
      path: '/python-environments/prune',
      operation: 'pipeline.prune_environments',
      summary: 'Removes Python environments that no step has begun with for a while.',
      body: z.object({
        unused_ms: z
          .number()
          .int()
          .min(0)
          .max(36_500 * DAY)
          .default(30 * DAY),
      }),
      response: z.object({ removed: z.array(environmentSchema) }),
      handle: async ({ body }) => ({ removed: (await pythons.prune(clock.now() - body.unused_ms)).map(toEnvironment) }),
    }),
  ];
}
