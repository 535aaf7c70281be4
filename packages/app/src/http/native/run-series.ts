import type { Series, SeriesService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { idSchema, numberSchema, timeSchema, toNumber, toTime } from './schema.ts';

const seriesSchema = z.object({
  run: z.string(),
  key: z.string(),
  count: z.number().int().describe('Points that there are in the range.'),
  sampled: z.boolean().describe('Whether these are fewer.'),
  started_at: timeSchema.describe('Of the run: where relative times count from.'),
  x: z.array(z.number()).describe('Steps, epoch milliseconds, or milliseconds since the run started.'),
  y: z.array(numberSchema),
  steps: z.array(z.number().int()).optional().describe('Of each point, where x is not the step.'),
});

const stepSchema = z.number().int();

/** Long series made short for plots. */
export function runSeriesRoutes({ series }: { readonly series: SeriesService }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/runs/series',
      operation: 'runs.series',
      summary:
        'Gives series of metrics with at most so many points each, and every extreme: first, last, least and greatest of each part (M4).',
      body: z.object({
        runs: z.array(idSchema).min(1).max(200),
        metrics: z.array(z.string().min(1).max(250)).min(1).max(200).optional().describe('All of each run when absent.'),
        points: z
          .number()
          .int()
          .min(4)
          .max(20_000)
          .default(1000)
          .describe('Most finite values of a series; the first and last NaN and infinity of each part come besides.'),
        x: z.enum(['step', 'time', 'relative']).default('step'),
        from_step: stepSchema.optional(),
        to_step: stepSchema.optional(),
      }),
      response: z.object({ series: z.array(seriesSchema) }),
      handle: async ({ body: { runs, metrics, points, x, from_step, to_step } }) => {
        const found = await series.sample({
          runs,
          points,
          over: x === 'step' ? 'step' : 'time',
          range: { ...(from_step === undefined ? {} : { from: from_step }), ...(to_step === undefined ? {} : { to: to_step }) },
          ...(metrics === undefined ? {} : { keys: metrics }),
        });
        return { series: found.map((one) => toSeries(one, x)) };
      },
    }),
  ];
}

function toSeries({ run, key, count, startedAt, points }: Series, x: 'step' | 'time' | 'relative'): z.infer<typeof seriesSchema> {
  const about = { run, key, count, sampled: points.length < count, started_at: toTime(startedAt) };
  if (x === 'step') return { ...about, x: points.map(({ step }) => step), y: points.map(({ value }) => toNumber(value)) };
  // By time: several writers may have logged a later step earlier.
  const sorted = points.toSorted((a, b) => a.time - b.time || a.step - b.step);
  return {
    ...about,
    x: sorted.map(({ time }) => (x === 'time' ? time : time - startedAt)),
    y: sorted.map(({ value }) => toNumber(value)),
    steps: sorted.map(({ step }) => step),
  };
}
