import { createReadStream } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Clock, FeatureView, Folders, Ids, Log } from '@pawl/core';
import type { DatasetService, FeatureService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute, parsePart } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { momentSchema, pageFrom, pageOf, pageQuery, refSchema } from './schema.ts';

const viewSchema = z.object({
  name: z.string(),
  entity: z.string().describe('Column with the entity key.'),
  dataset: z.string(),
  id_column: z.string(),
  streams: z.array(z.object({ name: z.string(), time_column: z.string(), where: z.string().nullable() })),
  features: z.array(z.object({ name: z.string(), stream: z.string(), aggregate: z.literal('count'), window_ms: z.number() })),
});

function toView(view: FeatureView): z.infer<typeof viewSchema> {
  return {
    name: view.name,
    entity: view.entity,
    dataset: view.dataset,
    id_column: view.idColumn,
    streams: view.streams.map(({ name, timeColumn, where }) => ({ name, time_column: timeColumn, where })),
    features: view.features.map(({ name, stream, aggregate, windowMs }) => ({ name, stream, aggregate, window_ms: windowMs })),
  };
}

const named = z.object({ view: nameSchema });
const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const addedSchema = z.object({ added: z.number().int().describe('Events that were new.') });
const joinBody = z.object({
  entities: refSchema.describe('Dataset version whose rows get the features.'),
  history: refSchema.describe('Dataset version that holds the past.'),
  time_column: z.string().min(1).max(250).describe('Column of the entities with the time of each row, epoch ms.'),
});

export interface FeaturePorts {
  readonly features: FeatureService;
  readonly datasets: DatasetService;
  readonly clock: Clock;
}

export function featureRoutes({ features, datasets, clock }: FeaturePorts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/features',
      operation: 'feature.list',
      summary: 'Lists feature views.',
      query: pageQuery,
      response: pageOf(viewSchema),
      handle: async ({ query }) => pageFrom((await features.views()).map(toView), query, (view) => view.name),
    }),
    defineRoute({
      method: 'GET',
      path: '/features/:view',
      operation: 'feature.get',
      summary: 'Shows a feature view.',
      params: named,
      response: viewSchema,
      handle: async ({ params }) => toView(await features.view(params.view)),
    }),
    defineRoute({
      method: 'POST',
      path: '/features/:view/rows',
      operation: 'feature.push',
      summary: 'Adds rows to the online store. A row seen before, by its id, counts once.',
      params: named,
      body: z.object({
        rows: z.array(rowSchema).max(10_000).describe('Columns by name; times are epoch milliseconds, as in the dataset.'),
      }),
      response: addedSchema,
      handle: async ({ params, body }) => ({ added: await features.push(params.view, body.rows) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/features/:view/materializations',
      operation: 'feature.materialize',
      summary: 'Adds all rows of a dataset version to the online store.',
      params: named,
      body: z.object({ dataset: refSchema }),
      response: addedSchema,
      handle: async ({ params, body }) => {
        await features.view(params.view);
        return { added: await features.materialize(params.view, await datasets.resolve(body.dataset)) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/features/:view/lookups',
      operation: 'feature.lookup',
      summary: 'Looks the values of entity keys up, as an endpoint does for a request.',
      params: named,
      body: z.object({ keys: z.array(z.string().max(1000)).min(1).max(1000), at: momentSchema.optional().describe('Now when absent.') }),
      response: z.object({
        vectors: z.array(z.object({ key: z.string(), values: z.record(z.string(), z.number()) })).describe('In the order of the keys.'),
      }),
      handle: async ({ params, body }) => {
        const vectors = await features.lookup(params.view, body.keys, body.at ?? clock.now());
        return { vectors: body.keys.map((key, index) => ({ key, values: vectors[index] ?? {} })) };
      },
    }),
  ];
}

/** The joined table streams out as a Parquet file, outside the OpenAPI document's JSON; its rows are in the header `x-pawl-rows`. */
export function mountFeatureJoin(
  server: FastifyInstance,
  ports: FeaturePorts & { readonly folders: Folders; readonly ids: Ids; readonly log: Log },
): void {
  const { features, datasets, folders, ids, log } = ports;
  const remove = (folder: string): Promise<void> =>
    folders.remove(folder).catch((error: unknown) => log.warn({ err: error, folder }, 'a scratch folder could not be removed'));
  server.post('/v1/features/:view/joins', async (request, reply) => {
    const { view } = parsePart(named, request.params, 'path');
    const body = parsePart(joinBody, request.body, 'body');
    await features.view(view);
    const entities = await datasets.resolve(body.entities);
    const history = await datasets.resolve(body.history);
    const folder = await folders.scratch(`joins/${ids.next()}`);
    try {
      const target = folders.join(folder, 'joined.parquet');
      const rows = await features.join({ view, entities, timeColumn: body.time_column, history, target });
      const file = createReadStream(target);
      file.once('close', () => void remove(folder));
      return await reply.header('x-pawl-rows', rows).type('application/octet-stream').send(file);
    } catch (error) {
      await remove(folder);
      throw error;
    }
  });
}
