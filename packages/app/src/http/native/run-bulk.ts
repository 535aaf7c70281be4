import { fault } from '@pawl/core';
import type { BulkAnswer, BulkService, FolderService, RunSelection, RunService } from '@pawl/engine';
import { z } from 'zod';
import { whichExperiment } from './experiment-folder.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { scopeShape, toScope } from './run-scope.ts';
import { idSchema, textsSchema } from './schema.ts';

const MOST_SHOWN = 1000;

const selectionShape = {
  runs: z.array(idSchema).min(1).max(1000).optional().describe('All changed at once, or none.'),
  search: z.object(scopeShape).optional().describe('Instead of `runs`: all that it finds, 200 at once.'),
  dry_run: z.boolean().default(false).describe('Only tells what would happen.'),
};

const changedSchema = z.object({
  changed: z.number().int().describe('How many runs.'),
  runs: z.array(z.string()).describe(`Their ids; the first ${MOST_SHOWN}.`),
});

interface Selection {
  readonly runs?: readonly string[] | undefined;
  readonly search?: Parameters<typeof toScope>[1] | undefined;
}

interface BulkServices {
  readonly bulk: BulkService;
  readonly experimentFolders: FolderService;
  readonly runs: RunService;
}

/** Many runs at once, by id or by search. */
export function runBulkRoutes({ bulk, experimentFolders, runs }: BulkServices): readonly Route[] {
  const select = async ({ runs: ids, search }: Selection): Promise<RunSelection> => {
    if (ids !== undefined && search === undefined) return { runs: ids };
    if (search !== undefined && ids === undefined) return { search: await toScope(experimentFolders, search) };
    throw fault('invalid_input', { where: "the request's body", problem: 'give either runs or search.' });
  };
  return [
    defineRoute({
      method: 'POST',
      path: '/runs/move',
      operation: 'runs.move',
      summary: 'Moves runs to another experiment, with their values, datasets, logged models and nested runs. Files stay where they are.',
      body: z.object({
        ...selectionShape,
        to: whichExperiment,
        children: z.boolean().default(true).describe('The runs nested in them too.'),
      }),
      response: changedSchema,
      handle: async ({ body: { to, children, dry_run, ...selection }, actor }) => {
        const { id } = await runs.experiment(to);
        return toChanged(await bulk.move(await select(selection), id, { children, dryRun: dry_run, actor }));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/delete',
      operation: 'runs.delete',
      summary: 'Puts runs away: they can be read and restored, and take no more records.',
      body: z.object(selectionShape),
      response: changedSchema,
      handle: async ({ body: { dry_run, ...selection }, actor }) =>
        toChanged(await bulk.remove(await select(selection), { dryRun: dry_run, actor })),
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/restore',
      operation: 'runs.restore',
      summary: 'Brings back runs that were deleted.',
      body: z.object(selectionShape),
      response: changedSchema,
      handle: async ({ body: { dry_run, ...selection }, actor }) =>
        toChanged(await bulk.restore(await select(selection), { dryRun: dry_run, actor })),
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/tag',
      operation: 'runs.tag',
      summary: 'Sets and removes tags of runs, also of those that have ended.',
      body: z.object({ ...selectionShape, set: textsSchema.default({}), remove: z.array(z.string().min(1).max(250)).max(100).default([]) }),
      response: changedSchema,
      handle: async ({ body: { set, remove, dry_run, ...selection }, actor }) =>
        toChanged(await bulk.tag(await select(selection), { set, remove }, { dryRun: dry_run, actor })),
    }),
  ];
}

function toChanged({ changed }: BulkAnswer): z.infer<typeof changedSchema> {
  return { changed: changed.length, runs: changed.slice(0, MOST_SHOWN) };
}
