import type { DatasetCompareService, DatasetService } from '@pawl/engine';
import { z } from 'zod';
import { nameSchema } from '../../schema/name.ts';
import { labelSchema } from './dataset.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { versionSchema } from './schema.ts';

const sideSchema = z.union([versionSchema, labelSchema]);
const path = z.string();
const changeSchema = z.union([
  z.object({ kind: z.enum(['added', 'removed']), path, size: z.number().int() }),
  z.object({ kind: z.literal('changed'), path, size: z.number().int(), sizeBefore: z.number().int() }),
  z.object({ kind: z.literal('mode'), path, mode: z.number().int(), modeBefore: z.number().int() }),
  z.object({ kind: z.literal('moved'), path, from: z.string(), size: z.number().int() }),
]);
const tableSchema = z.object({
  folder: z.string(),
  format: z.string(),
  columns: z
    .array(z.object({ column: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .describe('Columns that came, went or changed their type.'),
  rows_before: z.number().int(),
  rows_after: z.number().int(),
  key: z.array(z.string()),
  added: z.number().int(),
  removed: z.number().int(),
  changed: z.number().int().nullable().describe('Null without a key: a changed row is then one removed and one added.'),
  changed_by: z.array(z.object({ column: z.string(), rows: z.number().int() })),
  spread: z
    .array(z.object({ column: z.string(), distance: z.number() }))
    .describe('Total variation distance of the values of each column: 0 the same, 1 nothing in common.'),
});

export function datasetDiffRoutes({
  datasets,
  datasetCompare,
}: {
  readonly datasets: DatasetService;
  readonly datasetCompare: DatasetCompareService;
}): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/diff',
      operation: 'dataset.diff',
      summary: 'Tells what changed between two versions: files, and in tables the columns, the rows, and how values are spread.',
      params: z.object({ dataset: nameSchema }),
      query: z.object({
        from: sideSchema,
        to: sideSchema.default('latest'),
        key: z.string().max(2000).default('').describe('Columns that tell rows apart, by commas.'),
        tables: z.enum(['true', 'false']).default('true').describe('Whether tables are looked into.'),
      }),
      response: z.object({ from: z.number().int(), to: z.number().int(), files: z.array(changeSchema), tables: z.array(tableSchema) }),
      handle: async ({ params, query }) => {
        const [before, after] = [
          await datasets.resolve(`${params.dataset}:${query.from}`),
          await datasets.resolve(`${params.dataset}:${query.to}`),
        ];
        const key = query.key.split(',').filter((name) => name !== '');
        const diff = await datasetCompare.diff(before, after, key, query.tables === 'true');
        return {
          from: before.version,
          to: after.version,
          files: diff.files,
          tables: diff.tables.map(({ rowsBefore, rowsAfter, changedBy, ...table }) => ({
            ...table,
            rows_before: rowsBefore,
            rows_after: rowsAfter,
            changed_by: changedBy,
          })),
        };
      },
    }),
  ];
}
