import type { DatasetService, DatasetUpkeepService } from '@pawl/engine';
import { z } from 'zod';
import { nameSchema } from '../../schema/name.ts';
import { datasetVersionSchema, toDatasetVersion, versionedParams } from './dataset.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { digestSchema, pageFrom, pageOf, pageQuery } from './schema.ts';

const useSchema = z.object({
  version: z.number().int(),
  kind: z.enum(['run', 'model version', 'pipeline run', 'gate', 'tag', 'branch', 'merge']),
  id: z.string(),
  role: z.string(),
});

export function datasetUpkeepRoutes({
  datasets,
  datasetUpkeep,
}: {
  readonly datasets: DatasetService;
  readonly datasetUpkeep: DatasetUpkeepService;
}): readonly Route[] {
  const resolve = ({ dataset, version }: z.infer<typeof versionedParams>) => datasets.resolve(`${dataset}:${version}`);
  return [
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/uses',
      operation: 'dataset.uses',
      summary: 'Lists what was made with a version or names it: runs, models, pipelines, gates, tags, branches.',
      params: versionedParams,
      query: pageQuery,
      response: pageOf(useSchema),
      handle: async ({ params, query }) => {
        const uses = await datasetUpkeep.uses(await resolve(params));
        return pageFrom(
          uses.map((use) => ({ ...use })),
          query,
          (use) => JSON.stringify(use),
        );
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/versions/:version/verify',
      operation: 'dataset.verify',
      summary: 'Reads every file of a version and names those whose content is damaged or gone.',
      params: versionedParams,
      body: z.object({ under: z.string().max(1024).default('') }),
      response: z.object({
        files: z.number().int(),
        bytes: z.number().int(),
        damaged: z.array(z.object({ path: z.string(), digest: digestSchema, problem: z.string() })),
      }),
      handle: async ({ params, body }) => datasetUpkeep.verify(await resolve(params), body.under),
    }),
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/expire',
      operation: 'dataset.expire',
      summary: 'Gives up the content of old versions that nothing refers to; a collection then frees the room.',
      params: z.object({ dataset: nameSchema }),
      body: z.object({
        keep: z.number().int().min(1).max(1_000_000).describe('The newest so many of each branch stay.'),
        older_than_ms: z.number().int().min(0).default(0),
        dry_run: z.boolean().default(false),
      }),
      response: z.object({
        expired: z.array(datasetVersionSchema),
        held: z.array(z.object({ version: datasetVersionSchema, by: useSchema })),
      }),
      handle: async ({ params, body, actor }) => {
        const { expired, held } = await datasetUpkeep.expire(params.dataset, {
          keep: body.keep,
          olderThanMs: body.older_than_ms,
          dryRun: body.dry_run,
          actor,
        });
        return {
          expired: expired.map(toDatasetVersion),
          held: held.map(({ version, by }) => ({ version: toDatasetVersion(version), by })),
        };
      },
    }),
  ];
}
