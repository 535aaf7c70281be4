import { toRefText } from '@pawl/core';
import type { Metric, Run, RunInput } from '@pawl/core';
import type { DatasetService, RunService } from '@pawl/engine';
import { z } from 'zod';
import { whichExperiment } from './experiment-folder.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import {
  digestSchema,
  idSchema,
  momentSchema,
  numberSchema,
  pageFrom,
  pageOf,
  pageQuery,
  refSchema,
  textsSchema,
  timeSchema,
  toNumber,
  toPageRequest,
  toTime,
} from './schema.ts';

export const runSchema = z
  .object({
    id: z.string(),
    experiment: z.number().int(),
    name: z.string(),
    status: z.enum(['scheduled', 'running', 'finished', 'failed', 'killed']),
    user: z.string().describe('Who made it; may be empty.'),
    lifecycle: z.enum(['active', 'deleted']),
    started_at: timeSchema,
    ended_at: timeSchema.nullable(),
    code: z.object({ commit: z.string(), branch: z.string().nullable(), patch: digestSchema.nullable() }).nullable(),
    environment: z.record(z.string(), z.string()),
    params: z.record(z.string(), z.string()),
    tags: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Run' });

export const metricSchema = z
  .object({ key: z.string(), value: numberSchema, step: z.number().int(), time: timeSchema })
  .meta({ id: 'Metric' });

/** The same in requests and answers. */
export const runInputSchema = z.object({
  ref: refSchema,
  role: z.string().min(1).max(250).describe('What it was used for, such as `training`.'),
});

const runDetailSchema = z.object({
  run: runSchema,
  metrics: z.array(metricSchema).describe('Last value of each key.'),
  inputs: z.array(runInputSchema),
});

const artifactSchema = z.object({ path: z.string(), digest: digestSchema, size: z.number().int() });

export function toRun(run: Run): z.infer<typeof runSchema> {
  const { id, experiment, name, status, user, lifecycle, code, environment, params, tags } = run;
  return {
    id,
    experiment,
    name,
    status,
    user,
    lifecycle,
    started_at: toTime(run.startedAt),
    ended_at: toTime(run.endedAt),
    code,
    environment,
    params,
    tags,
  };
}

export function toMetric({ key, value, step, time }: Metric): z.infer<typeof metricSchema> {
  return { key, value: toNumber(value), step, time: toTime(time) };
}

export function toRunInput(input: RunInput): z.infer<typeof runInputSchema> {
  return { ref: toRefText(input), role: input.role };
}

/** The versions that a request names; each must be there. Throws `dataset_not_found`, `dataset_version_not_found`. */
export async function fromRunInputs(
  datasets: DatasetService,
  inputs: readonly z.infer<typeof runInputSchema>[],
): Promise<readonly RunInput[]> {
  const found: RunInput[] = [];
  for (const { ref, role } of inputs) {
    const { dataset, version } = await datasets.resolve(ref);
    found.push({ dataset, version, role });
  }
  return found;
}

const newMetricSchema = z.object({
  key: z.string().min(1).max(250),
  value: numberSchema,
  step: z.number().int().optional().describe('0 when absent.'),
  time: momentSchema.optional().describe('Now when absent.'),
});

const experimentName = z.string().min(1).max(250);
const oneRun = z.object({ run: idSchema });

export function experimentRoutes({ runs, datasets }: { readonly runs: RunService; readonly datasets: DatasetService }): readonly Route[] {
  const show = async (run: Run): Promise<z.infer<typeof runDetailSchema>> => ({
    run: toRun(run),
    metrics: (await runs.latestMetrics(run.id)).map(toMetric),
    inputs: (await runs.inputs(run.id)).map(toRunInput),
  });
  return [
    defineRoute({
      method: 'GET',
      path: '/runs',
      operation: 'run.list',
      summary: 'Lists runs, newest first.',
      query: pageQuery.extend({ experiment: whichExperiment.optional() }),
      response: pageOf(runSchema),
      handle: async ({ query }) => {
        const experiment = query.experiment === undefined ? undefined : (await runs.experiment(query.experiment)).id;
        const page = await runs.list(experiment, toPageRequest(query));
        return { ...page, items: page.items.map(toRun) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/runs',
      operation: 'run.create',
      summary: 'Starts a run. Its experiment is made when it is not there.',
      body: z.object({
        experiment: experimentName.default('Default'),
        name: z.string().max(250).default(''),
        code: z
          .object({
            commit: z.string().min(1).max(100),
            branch: z.string().max(250).nullable().default(null),
            patch: digestSchema.nullable().default(null),
          })
          .nullable()
          .default(null),
        environment: textsSchema.default({}),
        params: textsSchema.default({}),
        tags: textsSchema.default({}),
        started_at: momentSchema.optional(),
      }),
      response: runSchema,
      handle: async ({ body: { started_at, code, ...rest }, actor }) => {
        const at = started_at === undefined ? {} : { startedAt: started_at };
        return toRun(await runs.create({ ...rest, ...at, code: code as Run['code'], actor }));
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/runs/:run',
      operation: 'run.get',
      summary: 'Shows a run with the last value of each metric and its data.',
      params: oneRun,
      response: runDetailSchema,
      handle: async ({ params }) => show(await runs.get(params.run)),
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/:run/records',
      operation: 'run.record',
      summary: 'Adds parameters, tags, metrics and data to a running run. A parameter keeps its first value.',
      params: oneRun,
      body: z.object({
        params: textsSchema.optional(),
        tags: textsSchema.optional(),
        inputs: z.array(runInputSchema).max(1000).optional(),
        metrics: z.array(newMetricSchema).max(10_000).optional(),
      }),
      response: runDetailSchema,
      handle: async ({ params, body }) => {
        await runs.record(params.run, {
          ...(body.params === undefined ? {} : { params: body.params }),
          ...(body.tags === undefined ? {} : { tags: body.tags }),
          ...(body.inputs === undefined ? {} : { inputs: await fromRunInputs(datasets, body.inputs) }),
          ...(body.metrics === undefined ? {} : { metrics: body.metrics.map(fromMetric) }),
        });
        return show(await runs.get(params.run));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/:run/end',
      operation: 'run.end',
      summary: 'Ends a run. One that has ended stays as it is.',
      params: oneRun,
      body: z.object({ status: z.enum(['finished', 'failed', 'killed']).default('finished') }),
      response: runSchema,
      handle: async ({ params, body, actor }) => toRun(await runs.end(params.run, body.status, actor)),
    }),
    defineRoute({
      method: 'GET',
      path: '/runs/:run/metrics/:key',
      operation: 'run.metric',
      summary: 'Lists all values of a metric, by step and time.',
      params: oneRun.extend({ key: z.string().min(1).max(250) }),
      query: pageQuery,
      response: pageOf(metricSchema),
      handle: async ({ params, query }) => {
        const values = (await runs.metricHistory(params.run, params.key)).map(toMetric);
        return pageFrom(values, query, ({ step, time, value }) => `${step} ${time} ${value}`);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/runs/:run/artifacts',
      operation: 'run.artifacts',
      summary: 'Lists the files of a run; GET /api/v1/blobs/{digest} gives their content.',
      params: oneRun,
      query: pageQuery,
      response: pageOf(artifactSchema),
      handle: async ({ params, query }) => {
        const artifacts = await runs.artifacts(params.run);
        return pageFrom(
          artifacts.map(({ path, digest, size }) => ({ path, digest, size })),
          query,
          (artifact) => artifact.path,
        );
      },
    }),
  ];
}

function fromMetric({ key, value, step, time }: z.infer<typeof newMetricSchema>): {
  key: string;
  value: number;
  step?: number;
  time?: number;
} {
  return { key, value: Number(value), ...(step === undefined ? {} : { step }), ...(time === undefined ? {} : { time }) };
}
