import { toRefText } from '@pawl/core';
import type { DatasetService, ProfileService } from '@pawl/engine';
import { z } from 'zod';
import { toColumnProfile } from '../../report/profile.ts';
import { versionedParams } from './dataset.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { digestSchema, jsonSchema } from './schema.ts';

const numbersSchema = z.object({
  nans: z.number().int(),
  positive_infinite: z.number().int(),
  negative_infinite: z.number().int(),
  zeros: z.number().int(),
  negatives: z.number().int(),
  mean: z.number(),
  variance: z.number().nullable(),
  quantiles: z.array(z.object({ share: z.number(), value: z.number() })),
  histogram: z
    .object({ min: z.number(), max: z.number(), edges: z.array(z.number()), edges_digest: digestSchema, counts: z.array(z.number().int()) })
    .describe('A cell holds its upper edge; the last one ends at the maximum.'),
});

const textsSchema = z.object({
  empty: z.number().int(),
  min_length: z.number().int(),
  max_length: z.number().int(),
  mean_length: z.number(),
  shapes: z.array(z.object({ shape: z.string(), share: z.number() })).describe('Runs of letters and digits as A, a, 9.'),
});

const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  semantic: z.string().describe('What the values seem to stand for, such as category, identifier, email.'),
  nulls: z.number().int(),
  distinct: z.number().int(),
  distinct_exact: z.boolean(),
  min: jsonSchema,
  max: jsonSchema,
  top: z.array(z.object({ value: jsonSchema, count: z.number().int() })),
  numbers: numbersSchema.nullable(),
  texts: textsSchema.nullable(),
});

export function profileRoutes({
  datasets,
  profiles,
}: {
  readonly datasets: DatasetService;
  readonly profiles: ProfileService;
}): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/profile',
      operation: 'dataset.profile',
      summary: 'Tells what the columns of a table hold. Computed once for the files of a version.',
      params: versionedParams,
      query: z.object({ folder: z.string().optional().describe('The table, when the version holds several.') }),
      response: z.object({
        ref: z.string().describe('`name:version`'),
        folder: z.string(),
        format: z.enum(['parquet', 'csv', 'json']),
        rows: z.number().int(),
        columns: z.array(columnSchema),
      }),
      handle: async ({ params, query }) => {
        const version = await datasets.resolve(`${params.dataset}:${params.version}`);
        const { profile, folder, format } = await profiles.profile(version, query.folder);
        return { ref: toRefText(version), folder, format, rows: profile.rows, columns: profile.columns.map(toColumnProfile) };
      },
    }),
  ];
}
