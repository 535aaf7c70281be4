import type { MonitorSpec, MonitorWindow } from '@pawl/core';
import type { MonitorService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { numberSchema, pageFrom, pageOf, pageQuery, timeSchema, toNumber, toTime, versionSchema } from './schema.ts';

const monitorSchema = z.object({
  name: z.string(),
  endpoint: z.string(),
  bucket_ms: z.number(),
  window_buckets: z.number().int(),
  min_rows: z.number().int(),
  drift: z.object({ features: z.array(z.string()), delta: z.number(), q: z.number(), flags: z.number().int(), of: z.number().int() }),
  quality: z.object({
    adwin_delta: z.number(),
    max_error_rate: z.number().nullable(),
    max_false_positive_rate: z.number().nullable(),
  }),
  webhook: z.string().nullable(),
});

function toMonitor(spec: MonitorSpec): z.infer<typeof monitorSchema> {
  return {
    name: spec.name,
    endpoint: spec.endpoint,
    bucket_ms: spec.bucketMs,
    window_buckets: spec.windowBuckets,
    min_rows: spec.minRows,
    drift: { ...spec.drift, features: [...spec.drift.features] },
    quality: {
      adwin_delta: spec.quality.adwinDelta,
      max_error_rate: spec.quality.maxErrorRate,
      max_false_positive_rate: spec.quality.maxFalsePositiveRate,
    },
    webhook: spec.webhook,
  };
}

const windowSchema = z.object({
  monitor: z.string(),
  version: z.number().int().describe('Model version.'),
  start: timeSchema,
  end: timeSchema.describe('Exclusive.'),
  rows: z.number().int(),
  status: z.enum(['ok', 'drift', 'not_enough_data']),
  drift: z.array(
    z.object({
      feature: z.string(),
      effect: numberSchema.describe('PSI.'),
      low: numberSchema,
      high: numberSchema,
      p: numberSchema,
      adjusted: numberSchema.describe('p after Benjamini-Hochberg over the features.'),
      flagged: z.boolean(),
    }),
  ),
  quality: z.object({
    true_positive: z.number().int(),
    false_positive: z.number().int(),
    true_negative: z.number().int(),
    false_negative: z.number().int(),
  }),
  revised: z.boolean().describe('Judged again after late rows.'),
});

function toWindow(window: MonitorWindow): z.infer<typeof windowSchema> {
  const { monitor, version, rows, status, quality, revised } = window;
  return {
    monitor,
    version,
    start: toTime(window.start),
    end: toTime(window.end),
    rows,
    status,
    drift: window.drift.map(({ feature, effect, low, high, p, adjusted, flagged }) => ({
      feature,
      effect: toNumber(effect),
      low: toNumber(low),
      high: toNumber(high),
      p: toNumber(p),
      adjusted: toNumber(adjusted),
      flagged,
    })),
    quality: {
      true_positive: quality.truePositive,
      false_positive: quality.falsePositive,
      true_negative: quality.trueNegative,
      false_negative: quality.falseNegative,
    },
    revised,
  };
}

/** Windows that are looked at for a page: over a year of hourly ones. */
const MOST_WINDOWS = 10_000;

const named = z.object({ monitor: nameSchema });

export function monitorRoutes({ monitors }: { readonly monitors: MonitorService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/monitors',
      operation: 'monitor.list',
      summary: 'Lists monitors.',
      query: pageQuery,
      response: pageOf(monitorSchema),
      handle: async ({ query }) => pageFrom((await monitors.specs()).map(toMonitor), query, (monitor) => monitor.name),
    }),
    defineRoute({
      method: 'GET',
      path: '/monitors/:monitor',
      operation: 'monitor.get',
      summary: 'Shows a monitor.',
      params: named,
      response: monitorSchema,
      handle: async ({ params }) => toMonitor(await monitors.spec(params.monitor)),
    }),
    defineRoute({
      method: 'GET',
      path: '/monitors/:monitor/windows',
      operation: 'monitor.windows',
      summary: 'Lists closed windows, newest first, with the drift of each feature and the counts of labelled predictions.',
      params: named,
      query: pageQuery.extend({ version: versionSchema.optional().describe('Only of this model version.') }),
      response: pageOf(windowSchema),
      handle: async ({ params, query }) => {
        const windows = await monitors.windows(params.monitor, query.version, MOST_WINDOWS);
        const page = pageFrom(windows, query, ({ version, start }) => `${version} ${start}`);
        return { ...page, items: page.items.map(toWindow) };
      },
    }),
  ];
}
