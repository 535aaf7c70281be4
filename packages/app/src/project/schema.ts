import type { FeatureView, GateSpec, MonitorSpec, RolloutSpec } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';
import { checkFile } from './check-file.ts';
import { pipelineFile } from './pipeline-file.ts';
import { registryFile } from './registry.ts';
import { durationSchema, shareSchema } from './values.ts';

export const featureFile = z
  .strictObject({
    name: nameSchema,
    entity: z.string().min(1).describe('Column with the entity key, in the dataset and in requests.'),
    dataset: nameSchema.describe('Dataset whose versions hold the history.'),
    id: z.string().min(1).describe('Column that identifies a row.'),
    streams: z.record(
      nameSchema,
      z.strictObject({
        time: z.string().min(1).describe('Column with the time (epoch ms) an event counts from.'),
        where: z.string().min(1).optional().describe('Boolean column that must be true.'),
      }),
    ),
    features: z.record(nameSchema, z.strictObject({ aggregate: z.literal('count'), stream: nameSchema, window: durationSchema })),
  })
  .transform((file): FeatureView => ({
    name: file.name,
    entity: file.entity,
    dataset: file.dataset,
    idColumn: file.id,
    streams: Object.entries(file.streams).map(([name, stream]) => ({ name, timeColumn: stream.time, where: stream.where ?? null })),
    features: Object.entries(file.features).map(([name, feature]) => ({
      name,
      stream: feature.stream,
      aggregate: feature.aggregate,
      windowMs: feature.window,
    })),
  }))
  .superRefine((view, context) => {
    const streams = new Set(view.streams.map((stream) => stream.name));
    for (const feature of view.features) {
      if (!streams.has(feature.stream))
        context.addIssue({
          code: 'custom',
          path: ['features', feature.name, 'stream'],
          message: `there is no stream "${feature.stream}"; it has ${Array.from(streams).join(', ')}`,
        });
    }
  });

export const gateFile = z
  .strictObject({
    name: nameSchema,
    model: nameSchema,
    label: z.string().min(1).describe('Boolean column of the evaluation data with the truth.'),
    margin: shareSchema.default(0.01).describe('Largest loss of accuracy that still counts as no worse.'),
    alpha: z.number().min(0.0001).max(0.2).default(0.05).describe('One-sided error of each test.'),
    floors: z.strictObject({ f1: shareSchema.optional(), max_false_positive_rate: shareSchema.optional() }).default({}),
    baseline_improvement: shareSchema.default(0.1).describe("Share of the majority class's error that a first model must remove."),
  })
  .transform((file): GateSpec => ({
    name: file.name,
    model: file.model,
    label: file.label,
    margin: file.margin,
    alpha: file.alpha,
    floors: { f1: file.floors.f1 ?? null, maxFalsePositiveRate: file.floors.max_false_positive_rate ?? null },
    baselineImprovement: file.baseline_improvement,
  }));

export const rolloutFile = z
  .strictObject({
    name: nameSchema,
    endpoint: nameSchema,
    model: nameSchema,
    automatic: z.boolean().default(true).describe('Starts by itself when a gate passes.'),
    alpha: z.number().min(0.0001).max(0.2).default(0.05).describe('Chance to roll a healthy candidate back, over the whole rollout.'),
    steps: z
      .array(
        z.strictObject({
          weight: shareSchema,
          min_requests: z.number().int().min(0).default(500).describe('Candidate requests in evidence before the step may end.'),
          min_time: durationSchema.default(0),
          require: z
            .enum(['not_worse', 'fine'])
            .default('fine')
            .describe('not_worse: go on unless harm is proven. fine: go on when every required guard is proven no worse.'),
        }),
      )
      .min(1),
    guards: z
      .array(
        z.strictObject({
          metric: z.enum(['failures', 'slow', 'wrong']),
          slo: durationSchema.optional().describe('For slow: answers over it are events.'),
          tolerance: z.number().min(1).max(10).default(1).describe('Ratio of event rates that harm must exceed.'),
          no_worse_than: z.number().min(1.05).max(10).default(1.5).describe('Ratio of event rates that a promotion must exclude.'),
          margin: shareSchema.default(0.005).describe('Absolute rate that also proves no worse.'),
          required: z.boolean().default(true),
        }),
      )
      .min(1),
    max_step: durationSchema.default(14 * 86_400_000),
    on_timeout: z.enum(['hold', 'rollback', 'promote']).default('hold'),
  })
  .superRefine((file, context) => {
    file.guards.forEach((guard, index) => {
      if (guard.metric === 'slow' && guard.slo === undefined)
        context.addIssue({ code: 'custom', path: ['guards', index, 'slo'], message: 'say which answers are slow, such as 250ms' });
    });
    file.steps.forEach((step, index) => {
      if (index > 0 && step.weight < (file.steps[index - 1]?.weight ?? 0))
        context.addIssue({ code: 'custom', path: ['steps', index, 'weight'], message: 'weights never fall from step to step' });
    });
    if (file.steps.at(-1)?.require === 'not_worse')
      context.addIssue({
        code: 'custom',
        path: ['steps', file.steps.length - 1, 'require'],
        message: 'the last step ends in a promotion, which needs proof: use fine',
      });
    if (!file.guards.some((guard) => guard.required))
      context.addIssue({ code: 'custom', path: ['guards'], message: 'at least one guard must be required, or nothing is proven' });
  })
  .transform((file): RolloutSpec => ({
    name: file.name,
    endpoint: file.endpoint,
    model: file.model,
    automatic: file.automatic,
    alpha: file.alpha,
    steps: file.steps.map((step) => ({ weight: step.weight, minRequests: step.min_requests, minMs: step.min_time, require: step.require })),
    guards: file.guards.map((guard) => ({
      metric: guard.metric,
      sloMs: guard.slo ?? null,
      tolerance: guard.tolerance,
      noWorseThan: guard.no_worse_than,
      margin: guard.margin,
      required: guard.required,
    })),
    maxStepMs: file.max_step,
    onTimeout: file.on_timeout,
  }));

export const monitorFile = z
  .strictObject({
    name: nameSchema,
    endpoint: nameSchema,
    bucket: durationSchema.default(3_600_000).describe('Length of a bucket in event time.'),
    window: durationSchema.default(86_400_000).describe('Length of a window: a whole number of buckets.'),
    min_rows: z.number().int().min(20).default(50).describe('Fewer rows give no verdict.'),
    drift: z
      .strictObject({
        features: z.array(z.string()).default([]).describe('Columns watched; empty: every numeric input.'),
        delta: z.number().min(0).max(10).default(0.02).describe('Largest change, as PSI, of no interest.'),
        q: z.number().min(0.0001).max(0.2).default(0.01).describe('False-discovery rate over the features of a window.'),
        flags: z.number().int().min(1).default(2),
        of: z.number().int().min(1).max(30).default(3),
      })
      .prefault({}),
    quality: z
      .strictObject({
        adwin_delta: z.number().min(1e-6).max(0.5).default(0.002),
        max_error_rate: shareSchema.optional(),
        max_false_positive_rate: shareSchema.optional(),
      })
      .prefault({}),
    webhook: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Takes fired and resolved alerts in Alertmanager's format."),
  })
  .superRefine((file, context) => {
    if (file.window % file.bucket !== 0)
      context.addIssue({ code: 'custom', path: ['window'], message: 'a window is a whole number of buckets' });
    if (file.drift.flags > file.drift.of) context.addIssue({ code: 'custom', path: ['drift', 'flags'], message: 'cannot exceed "of"' });
  })
  .transform((file): MonitorSpec => ({
    name: file.name,
    endpoint: file.endpoint,
    bucketMs: file.bucket,
    windowBuckets: file.window / file.bucket,
    minRows: file.min_rows,
    drift: file.drift,
    quality: {
      adwinDelta: file.quality.adwin_delta,
      maxErrorRate: file.quality.max_error_rate ?? null,
      maxFalsePositiveRate: file.quality.max_false_positive_rate ?? null,
    },
    webhook: file.webhook ?? null,
  }));

/** The schemas by the folder their files lie in; also published under /api/schemas/ for editors. */
export const projectSchemas = {
  checks: checkFile,
  features: featureFile,
  pipelines: pipelineFile,
  gates: gateFile,
  registry: registryFile,
  rollouts: rolloutFile,
  monitors: monitorFile,
} as const;

const placeSchema = z.union([z.string(), z.array(z.string())]).transform((place) => (typeof place === 'string' ? [place] : place));

/** The project's root file: a name, and where its parts lie when not in the folders of their nouns. */
export const rootFile = z.strictObject({
  name: nameSchema,
  checks: placeSchema.default(['checks']),
  features: placeSchema.default(['features']),
  pipelines: placeSchema.default(['pipelines']),
  gates: placeSchema.default(['gates']),
  registry: placeSchema.default(['registry']),
  rollouts: placeSchema.default(['rollouts']),
  monitors: placeSchema.default(['monitors']),
});
