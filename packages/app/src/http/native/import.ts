import { toArtifactPath } from '@pawl/core';
import type { ArtifactFile, ImportResult } from '@pawl/core';
import type { ImportService } from '@pawl/engine';
import { z } from 'zod';
import {
  experimentRecord,
  fileRecord,
  loggedModelIdSchema,
  loggedModelRecord,
  modelMetricRecord,
  modelRecord,
  modelVersionRecord,
  runIdSchema,
  runRecord,
  seriesRecord,
} from '../../schema/import-record.ts';
import {
  fromExperimentRecord,
  fromFileRecord,
  fromLoggedModelRecord,
  fromModelMetricRecord,
  fromModelRecord,
  fromModelVersionRecord,
  fromRunRecord,
  fromSeriesRecord,
  toExperimentRecord,
  toLoggedModelRecord,
  toModelMetricRecord,
  toRunRecord,
  toSeriesRecord,
} from '../../schema/import-wire.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { idSchema } from './schema.ts';

/** A run may bring the profile of a dataset, of which MLflow takes 16 MB. */
const BODY_LIMIT = 64 * 1024 * 1024;
const MOST_RECORDS = 1000;
const MOST_POINTS_A_PAGE = 50_000;

const how = {
  source: z.string().max(500).default('').describe('What the records come from, for the record of what happened.'),
  on_conflict: z
    .enum(['fail', 'skip', 'update'])
    .default('fail')
    .describe('What is done about a record that is there and differs: it is told and left, left, or replaced.'),
};
const dryRun = { dry_run: z.boolean().default(false).describe('Tells what would become of them, and writes nothing.') };

const resultSchema = z.object({
  id: z.string(),
  outcome: z.enum(['created', 'updated', 'unchanged', 'skipped', 'conflict', 'failed']),
  problem: z.string().describe('What stood in the way, or came otherwise; empty when nothing did.'),
});
/** As many as came, in their order: not a list to page through. */
const resultsSchema = z.object({ results: z.array(resultSchema) });
const kindSchema = z.enum(['run', 'model']);
const filesSchema = z.array(fileRecord).max(100_000);

/** Paths as artifacts are stored under. Throws `path_unsafe`. */
function toFiles(files: readonly z.infer<typeof fileRecord>[]): readonly ArtifactFile[] {
  return files.map((file) => ({ ...fromFileRecord(file), path: toArtifactPath(file.path) }));
}

const answer = async (results: Promise<readonly ImportResult[]>): Promise<z.infer<typeof resultsSchema>> => ({
  results: [...(await results)],
});

/** Records of other stores with the ids, numbers and times that they have there; nowhere else can a client choose them. */
export function importRoutes({ imports }: { readonly imports: ImportService }): readonly Route[] {
  const post = <Body extends z.ZodType>(
    operation: string,
    path: string,
    summary: string,
    body: Body,
    response: z.ZodType,
    handle: (body: z.infer<Body>, actor: string) => Promise<unknown>,
  ): Route =>
    defineRoute({
      method: 'POST',
      path: `/imports/${path}`,
      operation: `import.${operation}`,
      summary,
      body,
      response,
      bodyLimit: BODY_LIMIT,
      handle: (input) => handle(input.body as z.infer<Body>, input.actor),
    });

  return [
    post(
      'experiments',
      'experiments',
      'Brings in experiments under their own numbers.',
      z.object({ ...how, ...dryRun, renumber: z.boolean().default(false), items: z.array(experimentRecord).max(MOST_RECORDS) }),
      z.object({
        results: z.array(
          resultSchema.extend({
            experiment: z.number().int().nullable().describe('Its number here; null when its runs are not to come.'),
            root: z.string().nullable().describe('Root of its artifacts for clients.'),
          }),
        ),
      }),
      async ({ items, renumber, dry_run, source, on_conflict }, actor) => ({
        results: await imports.experiments(items.map(fromExperimentRecord), renumber, { source, policy: on_conflict, actor }, dry_run),
      }),
    ),
    post(
      'known',
      'known',
      'Tells which runs, or logged models, are there, and what they hold.',
      z.object({
        kind: kindSchema,
        ids: z.array(z.string().max(250)).max(MOST_RECORDS),
        digests: z.boolean().default(false).describe('Whether to compute the digest of what each holds.'),
      }),
      z.object({
        results: z.array(
          z.object({
            id: z.string(),
            pending: z.boolean().describe('Its import was begun and has not ended.'),
            digest: z.string().nullable(),
            points: z.number().int(),
            listing: z.string().nullable().describe('Digest of the paths and sizes of its files.'),
          }),
        ),
      }),
      async ({ kind, ids, digests }) => ({
        results: (await imports.known(kind, ids, digests)).map((one) => ({
          ...one,
          digest: one.digest ?? null,
          listing: one.listing ?? null,
        })),
      }),
    ),
    post(
      'runs',
      'runs',
      'Brings in runs with their metrics and files, all in one transaction. The content of files is sent before.',
      z.object({
        ...how,
        items: z
          .array(
            z.object({
              run: runRecord,
              series: z.array(seriesRecord).max(100_000),
              files: filesSchema,
              complete: z.boolean().describe('False when more points or files will come.'),
            }),
          )
          .max(MOST_RECORDS),
      }),
      resultsSchema,
      ({ items, source, on_conflict }, actor) => {
        const batch = items.map(({ run, series, files, complete }) => ({
          run: fromRunRecord(run),
          series: series.map(fromSeriesRecord),
          files: toFiles(files),
          complete,
        }));
        return answer(imports.runs(batch, { source, policy: on_conflict, actor }));
      },
    ),
    post(
      'logged_models',
      'logged-models',
      'Brings in logged models with their metrics and files.',
      z.object({
        ...how,
        items: z
          .array(
            z.object({
              model: loggedModelRecord,
              metrics: z.array(modelMetricRecord).max(100_000),
              files: filesSchema,
              complete: z.boolean(),
            }),
          )
          .max(MOST_RECORDS),
      }),
      resultsSchema,
      ({ items, source, on_conflict }, actor) => {
        const batch = items.map(({ model, metrics, files, complete }) => ({
          model: fromLoggedModelRecord(model),
          metrics: metrics.map(fromModelMetricRecord),
          files: toFiles(files),
          complete,
        }));
        return answer(imports.loggedModels(batch, { source, policy: on_conflict, actor }));
      },
    ),
    post(
      'more',
      'more',
      'Adds points and files to runs and logged models whose import has begun.',
      z.object({
        points: z.array(z.object({ run: runIdSchema, series: z.array(seriesRecord).max(100_000) })).max(MOST_RECORDS),
        files: z
          .array(z.object({ owner: kindSchema, id: z.union([runIdSchema, loggedModelIdSchema]), files: filesSchema }))
          .max(MOST_RECORDS),
      }),
      z.object({}),
      async ({ points, files }) => {
        await imports.more(
          points.map(({ run, series }) => ({ run, series: series.map(fromSeriesRecord) })),
          files.map((one) => ({ ...one, files: toFiles(one.files) })),
        );
        return {};
      },
    ),
    post(
      'complete',
      'complete',
      'Says that everything of these runs, or logged models, has come.',
      z.object({ kind: kindSchema, ids: z.array(z.string().max(250)).max(MOST_RECORDS) }),
      z.object({}),
      async ({ kind, ids }) => {
        await imports.complete(kind, ids);
        return {};
      },
    ),
    post(
      'models',
      'models',
      'Brings in registered models.',
      z.object({ ...how, ...dryRun, items: z.array(modelRecord).max(MOST_RECORDS) }),
      resultsSchema,
      ({ items, source, on_conflict, dry_run }, actor) =>
        answer(imports.models(items.map(fromModelRecord), { source, policy: on_conflict, actor }, dry_run)),
    ),
    post(
      'versions',
      'versions',
      'Brings in versions of registered models under their own numbers, with stages and aliases.',
      z.object({ ...how, ...dryRun, items: z.array(modelVersionRecord).max(MOST_RECORDS) }),
      resultsSchema,
      ({ items, source, on_conflict, dry_run }, actor) =>
        answer(imports.versions(items.map(fromModelVersionRecord), { source, policy: on_conflict, actor }, dry_run)),
    ),
    defineRoute({
      method: 'GET',
      path: '/exports/runs/:run',
      operation: 'export.run',
      summary: 'Gives a run whole, as an import takes it: its record, its experiment and its files.',
      params: z.object({ run: idSchema }),
      response: z.object({
        run: runRecord,
        experiment: experimentRecord,
        files: filesSchema,
        logged_models: z.array(z.object({ model: loggedModelRecord, metrics: z.array(modelMetricRecord), files: filesSchema })),
        digest: z.string(),
        points: z.number().int(),
      }),
      handle: async ({ params }) => {
        const { run, experiment, files, loggedModels, digest, points } = await imports.whole(params.run);
        const models = loggedModels.map((one) => ({
          model: toLoggedModelRecord(one.model),
          metrics: one.metrics.map(toModelMetricRecord),
          files: one.files,
        }));
        return { run: toRunRecord(run), experiment: toExperimentRecord(experiment), files, logged_models: models, digest, points };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/exports/runs/:run/points',
      operation: 'export.points',
      summary: 'Gives all points of a run, by metric, step and time.',
      params: z.object({ run: idSchema }),
      query: z.object({
        limit: z.coerce.number().int().min(1).max(MOST_POINTS_A_PAGE).default(10_000),
        after: z.string().max(2000).optional().describe('Cursor: `next` of the answer before.'),
      }),
      response: z.object({ items: z.array(seriesRecord), next: z.string().optional() }),
      handle: async ({ params, query }) => {
        const page = await imports.pointsOf(params.run, query.limit, query.after);
        return { ...page, items: page.items.map(toSeriesRecord) };
      },
    }),
  ];
}
