import type { DatasetTag } from '@pawl/core';
import type { BranchState, DatasetNameService, DatasetService } from '@pawl/engine';
import { z } from 'zod';
import { nameSchema } from '../../schema/name.ts';
import { datasetVersionSchema, labelSchema, toDatasetVersion } from './dataset.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { pageFrom, pageOf, pageQuery, timeSchema, toTime } from './schema.ts';

const tagSchema = z.object({
  dataset: z.string(),
  name: z.string(),
  version: z.number().int(),
  author: z.string(),
  created_at: timeSchema,
});
const branchSchema = z.object({
  dataset: z.string(),
  name: z.string(),
  base: z.number().int().describe('The version it began at.'),
  head: z.number().int().describe('The version that the next one is made upon.'),
  author: z.string(),
  created_at: timeSchema,
});

const toTag = ({ createdAt, ...tag }: DatasetTag): z.infer<typeof tagSchema> => ({ ...tag, created_at: toTime(createdAt) });
const toBranch = ({ createdAt, ...branch }: BranchState): z.infer<typeof branchSchema> => ({ ...branch, created_at: toTime(createdAt) });

const named = z.object({ dataset: nameSchema });
const tagged = z.object({ dataset: nameSchema, tag: labelSchema });
const branched = z.object({ dataset: nameSchema, branch: labelSchema });
/** `mail:3`, without the name. */
const selectorSchema = z.union([z.number().int().min(1), labelSchema]).describe('A number, a tag, a branch, or `latest`.');
const nothing = z.object({});

export function datasetNameRoutes({
  datasets,
  datasetNames,
}: {
  readonly datasets: DatasetService;
  readonly datasetNames: DatasetNameService;
}): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/tags',
      operation: 'tag.list',
      summary: 'Lists the tags of a dataset, by name.',
      params: named,
      query: pageQuery,
      response: pageOf(tagSchema),
      handle: async ({ params, query }) => pageFrom((await datasetNames.tags(params.dataset)).map(toTag), query, ({ name }) => name),
    }),
    defineRoute({
      method: 'PUT',
      path: '/datasets/:dataset/tags/:tag',
      operation: 'tag.set',
      summary: 'Gives a version a name.',
      params: tagged,
      body: z.object({
        version: selectorSchema,
        move: z.boolean().default(false).describe('Takes the name from the version that has it.'),
      }),
      response: tagSchema,
      handle: async ({ params, body, actor }) => {
        const ref = await datasets.resolve(`${params.dataset}:${body.version}`);
        return toTag(await datasetNames.tag(ref, params.tag, actor, body.move));
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/datasets/:dataset/tags/:tag',
      operation: 'tag.remove',
      summary: 'Takes a name away; the version stays.',
      params: tagged,
      response: nothing,
      handle: async ({ params, actor }) => {
        await datasetNames.untag(params.dataset, params.tag, actor);
        return {};
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/branches',
      operation: 'branch.list',
      summary: 'Lists the branches of a dataset, the main one first.',
      params: named,
      query: pageQuery,
      response: pageOf(branchSchema),
      handle: async ({ params, query }) => pageFrom((await datasetNames.branches(params.dataset)).map(toBranch), query, ({ name }) => name),
    }),
    defineRoute({
      method: 'PUT',
      path: '/datasets/:dataset/branches/:branch',
      operation: 'branch.begin',
      summary: 'Begins a branch at a version; nothing is copied.',
      params: branched,
      body: z.object({ from: selectorSchema.default('latest') }),
      response: branchSchema,
      handle: async ({ params, body, actor }) => {
        const from = await datasets.resolve(`${params.dataset}:${body.from}`);
        return toBranch(await datasetNames.branch(from, params.branch, actor));
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/datasets/:dataset/branches/:branch',
      operation: 'branch.remove',
      summary: 'Forgets the name of a branch; its versions stay.',
      params: branched,
      response: nothing,
      handle: async ({ params, actor }) => {
        await datasetNames.removeBranch(params.dataset, params.branch, actor);
        return {};
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/branches/:branch/merge',
      operation: 'branch.merge',
      summary: 'Brings what changed on the branch into another one, as a new version of that; refuses where both changed the same file.',
      params: branched,
      body: z.object({
        into: labelSchema.default('main'),
        prefer: z
          .enum(['ours', 'theirs'])
          .optional()
          .describe('Whose file is taken where both changed one: `theirs` is the branch that is merged.'),
        message: z.string().max(10_000).default(''),
      }),
      response: z.object({
        created: z.boolean().describe('False when there was nothing to bring.'),
        base: z.number().int().nullable().describe('The newest version that both come from.'),
        version: datasetVersionSchema,
      }),
      handle: async ({ params, body, actor }) => {
        const { version, ...merged } = await datasetNames.merge(params.dataset, {
          from: params.branch,
          into: body.into,
          prefer: body.prefer ?? null,
          message: body.message,
          actor,
        });
        return { ...merged, version: toDatasetVersion(version) };
      },
    }),
  ];
}
