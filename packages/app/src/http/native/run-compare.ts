import { fault, parseOrder, runSearch } from '@pawl/core';
import type { ComparedMetric } from '@pawl/core';
import type { CompareRequest, CompareService, FolderService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { scopeShape, toScope } from './run-scope.ts';
import { idSchema, numberSchema, timeSchema, toNumber, toTime } from './schema.ts';

export const comparedTextSchema = z
  .object({ key: z.string(), values: z.array(z.string().nullable()), differs: z.boolean() })
  .meta({ id: 'ComparedText' });
const numbers = z.array(numberSchema.nullable());

export const comparedMetricSchema = z.object({
  key: z.string(),
  goal: z.enum(['min', 'max']).nullable().describe('Which way is better, as the request or the name tells.'),
  values: numbers.describe('Last, or best, value of each run.'),
  least: numbers,
  greatest: numbers,
  deltas: numbers.describe('What each differs from the baseline by.'),
  best: z.array(z.number().int()).describe('Places of the runs with the best value, from 0; none where all are alike.'),
});

export const comparedDataSchema = z.object({ name: z.string(), version: z.string(), role: z.string(), used: z.array(z.boolean()) });

const answerSchema = z.object({
  runs: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        experiment: z.string(),
        status: z.string(),
        started_at: timeSchema,
        ended_at: timeSchema.nullable(),
      }),
    )
    .describe('All that follows has a value for each, in this order.'),
  baseline: z.string().nullable(),
  params: z.array(comparedTextSchema),
  metrics: z.array(comparedMetricSchema),
  tags: z.array(comparedTextSchema),
  code: z.array(comparedTextSchema),
  environment: z.array(comparedTextSchema),
  data: z.array(comparedDataSchema),
});

const bodySchema = z.object({
  runs: z.array(idSchema).min(1).max(200).optional(),
  search: z
    .object({
      ...scopeShape,
      order_by: z.array(z.string().max(1000)).max(16).default([]),
      limit: z.number().int().min(1).max(200).default(20),
    })
    .optional()
    .describe('Instead of `runs`.'),
  baseline: idSchema.optional().describe('The run that others are measured against.'),
  by: z.enum(['last', 'best']).default('last').describe('Compare the last value of each run, or its best.'),
  goals: z
    .record(z.string().min(1).max(250), z.enum(['min', 'max']))
    .optional()
    .describe('Which way metrics are better whose names do not tell.'),
});

interface ComparePorts {
  readonly compare: CompareService;
  readonly experimentFolders: FolderService;
}

/** Runs beside each other, of one experiment or of several. */
export function runCompareRoutes({ compare, experimentFolders }: ComparePorts): readonly Route[] {
  const select = async ({ runs, search }: z.infer<typeof bodySchema>): Promise<CompareRequest['which']> => {
    if (runs !== undefined && search === undefined) return { runs };
    if (search === undefined || runs !== undefined) {
      throw fault('invalid_input', { where: "the request's body", problem: 'give either runs or search.' });
    }
    const { order_by, limit, ...scope } = search;
    return { search: { ...(await toScope(experimentFolders, scope)), orders: parseOrder(runSearch, order_by), limit } };
  };
  return [
    defineRoute({
      method: 'POST',
      path: '/runs/compare',
      operation: 'runs.compare',
      summary: 'Compares runs: parameters, metrics with the best marked and differences from a baseline, data, code, environment.',
      body: bodySchema,
      response: answerSchema,
      handle: async ({ body }) => {
        const found = await compare.compare({
          which: await select(body),
          by: body.by,
          ...(body.baseline === undefined ? {} : { baseline: body.baseline }),
          ...(body.goals === undefined ? {} : { goals: body.goals }),
        });
        const { params, tags, code, environment, data, baseline } = found;
        return {
          runs: found.runs.map(({ id, name, experiment, status, startedAt, endedAt }) => ({
            id,
            name,
            experiment: found.experiments.get(experiment) ?? String(experiment),
            status,
            started_at: toTime(startedAt),
            ended_at: toTime(endedAt),
          })),
          baseline,
          params,
          metrics: found.metrics.map(toComparedMetric),
          tags,
          code,
          environment,
          data,
        };
      },
    }),
  ];
}

export function toComparedMetric(metric: ComparedMetric): z.infer<typeof comparedMetricSchema> {
  return {
    ...metric,
    values: metric.values.map(toCell),
    least: metric.least.map(toCell),
    greatest: metric.greatest.map(toCell),
    deltas: metric.deltas.map(toCell),
    best: [...metric.best],
  };
}

function toCell(value: number | null): z.infer<typeof numberSchema> | null {
  return value === null ? null : toNumber(value);
}
