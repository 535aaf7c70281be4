import { labelOf } from '@pawl/core';
import type { Experiment, Lifecycle } from '@pawl/core';
import type { ExperimentService, FolderService, RunService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { pageFrom, pageOf, pageQuery, timeSchema, toPageRequest, toTime } from './schema.ts';

export const whichExperiment = z.string().min(1).max(1000).describe('Number, name, or folder and name.');
export const folderSchema = z.string().max(600).describe('Such as `team/fraud`; empty or `/` for the root.');

const experimentSchema = z
  .object({
    id: z.number().int(),
    name: z.string(),
    folder: z.string().describe('Empty for the root.'),
    label: z.string().describe('What it is called within its folder: the last part of its name.'),
    lifecycle: z.enum(['active', 'deleted']),
    created_at: timeSchema,
    updated_at: timeSchema,
    artifact_location: z.string().describe('Root URI of its artifacts.'),
    tags: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Experiment' });

const tagsSchema = z.record(z.string().min(1).max(250), z.string().max(20_000));
const one = z.object({ experiment: whichExperiment });
const lifecycleQuery = z.enum(['active', 'deleted']).default('active');
const dryRun = z.boolean().default(false).describe('Only tells what would happen.');
const changedSchema = z.object({ experiments: z.array(experimentSchema).describe('Those that were changed, as they are now.') });

export interface ExperimentServices {
  readonly experiments: ExperimentService;
  readonly experimentFolders: FolderService;
  readonly runs: RunService;
}

/** Experiments, and the folders they lie in. */
export function experimentFolderRoutes({ experiments, experimentFolders, runs }: ExperimentServices): readonly Route[] {
  const show = (experiment: Experiment): z.infer<typeof experimentSchema> => ({
    id: experiment.id,
    name: experiment.name,
    folder: experiment.folder,
    label: labelOf(experiment.name),
    lifecycle: experiment.lifecycle,
    created_at: toTime(experiment.createdAt),
    updated_at: toTime(experiment.updatedAt),
    artifact_location: experiments.location(experiment),
    tags: experiment.tags,
  });
  /** Does `work` to the experiment that is named, and shows it as it then is. */
  const change = async (which: string, work: (id: number) => Promise<unknown>): Promise<z.infer<typeof experimentSchema>> => {
    const { id } = await runs.experiment(which);
    await work(id);
    return show(await experiments.get(id));
  };
  return [
    defineRoute({
      method: 'GET',
      path: '/experiments',
      operation: 'experiment.list',
      summary: 'Lists experiments, of all folders or of one.',
      query: pageQuery.extend({
        folder: folderSchema.optional(),
        deep: z.enum(['true', 'false']).default('false').describe('With a folder: what lies below it too.'),
        lifecycle: lifecycleQuery,
      }),
      response: pageOf(experimentSchema),
      handle: async ({ query: { folder, deep, lifecycle, ...query } }) => {
        const request = { ...toPageRequest(query), lifecycle, deep: deep === 'true' };
        const page = await experimentFolders.list(folder === undefined ? request : { ...request, folder });
        return { ...page, items: page.items.map(show) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/experiments',
      operation: 'experiment.create',
      summary: 'Makes an experiment, or gives the one of that name as it is.',
      body: z.object({
        name: z.string().min(1).max(500),
        folder: folderSchema.optional().describe('Where its name says when absent: `team/fraud/xgb` lies in `team/fraud`.'),
        tags: tagsSchema.default({}),
        artifact_location: z
          .string()
          .max(2000)
          .optional()
          .describe('A store that clients write to by themselves; the server keeps artifacts when absent.'),
      }),
      response: experimentSchema,
      handle: async ({ body: { name, folder, tags, artifact_location }, actor }) =>
        show(
          await experiments.ensure({
            name,
            tags,
            actor,
            artifactLocation: artifact_location ?? null,
            ...(folder === undefined ? {} : { folder }),
          }),
        ),
    }),
    defineRoute({
      method: 'GET',
      path: '/experiments/:experiment',
      operation: 'experiment.get',
      summary: 'Shows an experiment, also one that is deleted.',
      params: one,
      response: experimentSchema,
      handle: async ({ params }) => show(await runs.experiment(params.experiment)),
    }),
    defineRoute({
      method: 'POST',
      path: '/experiments/:experiment/move',
      operation: 'experiment.move',
      summary: 'Moves an experiment to a folder; its name stays, so that scripts find it.',
      params: one,
      body: z.object({ folder: folderSchema }),
      response: experimentSchema,
      handle: ({ params, body, actor }) => change(params.experiment, (id) => experimentFolders.place(id, body.folder, actor)),
    }),
    defineRoute({
      method: 'POST',
      path: '/experiments/:experiment/rename',
      operation: 'experiment.rename',
      summary: 'Renames an experiment. One that lies where its name says goes along with it.',
      params: one,
      body: z.object({ name: z.string().min(1).max(500) }),
      response: experimentSchema,
      handle: ({ params, body, actor }) => change(params.experiment, (id) => experiments.rename(id, body.name, actor)),
    }),
    defineRoute({
      method: 'POST',
      path: '/experiments/:experiment/tags',
      operation: 'experiment.tag',
      summary: 'Sets and removes tags of an experiment.',
      params: one,
      body: z.object({ set: tagsSchema.default({}), remove: z.array(z.string().max(250)).max(100).default([]) }),
      response: experimentSchema,
      handle: ({ params, body, actor }) =>
        change(params.experiment, async (id) => {
          for (const [key, value] of Object.entries(body.set)) await experiments.setTag(id, key, value, actor);
          for (const key of body.remove) await experiments.deleteTag(id, key, actor);
        }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/experiments/:experiment',
      operation: 'experiment.delete',
      summary: 'Puts an experiment away with its runs: it can be read and restored, and takes no more runs.',
      params: one,
      response: experimentSchema,
      handle: ({ params, actor }) => change(params.experiment, (id) => experiments.remove(id, actor)),
    }),
    defineRoute({
      method: 'POST',
      path: '/experiments/:experiment/restore',
      operation: 'experiment.restore',
      summary: 'Brings back an experiment, with the runs that were deleted with it.',
      params: one,
      response: experimentSchema,
      handle: ({ params, actor }) => change(params.experiment, (id) => experiments.restore(id, actor)),
    }),
    defineRoute({
      method: 'GET',
      path: '/experiment-folders',
      operation: 'experiment.folders',
      summary: 'Lists the folders directly below one.',
      query: pageQuery.extend({ folder: folderSchema.default(''), lifecycle: lifecycleQuery }),
      response: pageOf(z.object({ folder: z.string(), name: z.string(), experiments: z.number().int().describe('In it and below.') })),
      handle: async ({ query: { folder, lifecycle, ...query } }) =>
        pageFrom(await experimentFolders.folders(folder, lifecycle as Lifecycle), query, (each) => each.folder),
    }),
    defineRoute({
      method: 'POST',
      path: '/experiment-folders/move',
      operation: 'experiment.move_folder',
      summary: 'Moves or renames a folder with all that is in it.',
      body: z.object({
        folder: folderSchema,
        to: folderSchema.describe('What the folder is to be called, with all its parents.'),
        dry_run: dryRun,
      }),
      response: changedSchema,
      handle: async ({ body: { folder, to, dry_run }, actor }) =>
        toChanged(await experimentFolders.move(folder, to, { actor, dryRun: dry_run })),
    }),
    defineRoute({
      method: 'POST',
      path: '/experiment-folders/delete',
      operation: 'experiment.delete_folder',
      summary: 'Puts away every experiment in a folder and below it.',
      body: z.object({ folder: folderSchema, dry_run: dryRun }),
      response: changedSchema,
      handle: async ({ body: { folder, dry_run }, actor }) => toChanged(await experimentFolders.remove(folder, { actor, dryRun: dry_run })),
    }),
    defineRoute({
      method: 'POST',
      path: '/experiment-folders/restore',
      operation: 'experiment.restore_folder',
      summary: 'Brings back the experiments that were deleted with their folder.',
      body: z.object({ folder: folderSchema, dry_run: dryRun }),
      response: changedSchema,
      handle: async ({ body: { folder, dry_run }, actor }) =>
        toChanged(await experimentFolders.restore(folder, { actor, dryRun: dry_run })),
    }),
  ];

  function toChanged({ experiments: changed }: { readonly experiments: readonly Experiment[] }): z.infer<typeof changedSchema> {
    return { experiments: changed.map(show) };
  }
}
