import type { TriggerSource, TriggerSpec } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';
import { durationSchema, textSchema } from './values.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const momentSchema = z.iso
  .datetime({ offset: true, error: 'write a moment with its offset, such as 2026-01-01T00:00:00Z' })
  .transform((text) => Date.parse(text));

const scheduleSchema = z
  .strictObject({
    cron: z.string().min(1).max(200).optional().describe('Five fields: minute hour day month weekday; six with seconds first.'),
    every: durationSchema.optional().describe('A fixed distance instead of a cron line, counted from `start`.'),
    timezone: z.string().min(1).max(100).default('UTC').describe('IANA name, such as Europe/Berlin.'),
    jitter: durationSchema.default(0).describe('Spreads the starts over so much time.'),
    start: momentSchema.optional(),
    end: momentSchema.optional(),
    catchup: z.enum(['all', 'latest', 'none']).default('latest').describe('What is made up for after downtime.'),
    limit: z.number().int().min(1).max(1000).default(100).describe('Most runs that `catchup: all` makes up for.'),
  })
  .superRefine((schedule, context) => {
    if ((schedule.cron === undefined) === (schedule.every === undefined))
      context.addIssue({ code: 'custom', message: 'say exactly one of cron and every' });
    if (schedule.every !== undefined && schedule.every < 1000)
      context.addIssue({ code: 'custom', path: ['every'], message: 'leave at least a second' });
  })
  .transform(({ cron, every, timezone, jitter, start, end, catchup, limit }): TriggerSource => ({
    kind: 'schedule',
    cron: cron ?? null,
    everyMs: every ?? null,
    timezone,
    jitterMs: jitter,
    start: start ?? null,
    end: end ?? null,
    catchUp: catchup,
    catchUpLimit: limit,
  }));

const sources = {
  schedule: scheduleSchema.describe('A clock.'),
  alert: z
    .strictObject({ monitor: nameSchema, kinds: z.array(z.enum(['drift', 'quality'])).default([]) })
    .transform((alert): TriggerSource => ({ kind: 'alert', ...alert }))
    .describe('A firing alert of this monitor.'),
  datasets: z
    .strictObject({ any: z.array(nameSchema).min(1).max(100).optional(), all: z.array(nameSchema).min(1).max(100).optional() })
    .superRefine(({ any, all }, context) => {
      if ((any === undefined) === (all === undefined)) context.addIssue({ code: 'custom', message: 'say exactly one of any and all' });
    })
    .transform(({ any, all }): TriggerSource => ({ kind: 'dataset', need: all === undefined ? 'any' : 'all', datasets: all ?? any ?? [] }))
    .describe('New versions of datasets.'),
  labels: z
    .strictObject({ endpoint: nameSchema, count: z.number().int().min(1).max(1_000_000_000) })
    .transform((labels): TriggerSource => ({ kind: 'labels', ...labels }))
    .describe('So many labels of an endpoint since the last time.'),
  model: z
    .strictObject({
      model: nameSchema,
      stage: z.enum(['Staging', 'Production', 'Archived']).optional(),
      alias: z.string().min(1).optional(),
    })
    .superRefine(({ stage, alias }, context) => {
      if (stage === undefined && alias === undefined) context.addIssue({ code: 'custom', message: 'name a stage or an alias' });
    })
    .transform(({ model, stage, alias }): TriggerSource => ({ kind: 'model', model, stage: stage ?? null, alias: alias ?? null }))
    .describe('A version that reaches a stage or an alias.'),
  pipeline: z
    .strictObject({
      pipeline: nameSchema,
      states: z
        .array(z.enum(['succeeded', 'failed', 'canceled']))
        .min(1)
        .default(['succeeded']),
    })
    .transform((upstream): TriggerSource => ({ kind: 'pipeline', ...upstream }))
    .describe("Another pipeline's end."),
  webhook: z
    .strictObject({
      format: z.enum(['cloudevents', 'github', 'gitlab']).default('cloudevents'),
      tolerance: durationSchema.default(300_000).describe('How far the time of a CloudEvent may be off.'),
    })
    .transform(({ format, tolerance }): TriggerSource => ({ kind: 'webhook', format, toleranceMs: tolerance }))
    .describe('A signed message from outside.'),
  file: z
    .strictObject({
      folder: z.string().min(1).max(4096).describe("On the server's machine; relative to the project."),
      pattern: z.string().min(1).max(255).default('*').describe('Of the file name; * stands for any characters.'),
      stable: durationSchema.default(10_000).describe('How long a file has to keep its size and time.'),
    })
    .transform(({ folder, pattern, stable }): TriggerSource => ({ kind: 'file', folder, pattern, stableMs: stable }))
    .describe('A file that comes to a folder.'),
  manual: z
    .strictObject({})
    .transform((): TriggerSource => ({ kind: 'manual' }))
    .describe('Only "pawl pipeline fire NAME".'),
} as const;

const onSchema = z
  .strictObject({
    schedule: sources.schedule.optional(),
    alert: sources.alert.optional(),
    datasets: sources.datasets.optional(),
    labels: sources.labels.optional(),
    model: sources.model.optional(),
    pipeline: sources.pipeline.optional(),
    webhook: sources.webhook.optional(),
    file: sources.file.optional(),
    manual: sources.manual.optional(),
  })
  .transform((on, context): TriggerSource => {
    const given = Object.values(on).filter((source) => source !== undefined);
    const [source] = given;
    if (source !== undefined && given.length === 1) return source;
    context.addIssue({ code: 'custom', message: `say exactly one of ${Object.keys(sources).join(', ')}` });
    return z.NEVER;
  });

export const triggerSchema = z
  .strictObject({
    name: nameSchema,
    on: onSchema.describe('What it waits for: exactly one.'),
    filter: z
      .record(
        z.string().regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'name a field, such as type or data.branch'),
        z.union([textSchema, z.array(textSchema).min(1).max(100)]),
      )
      .default({})
      .describe('Values that fields of the event must have; * stands for any characters.'),
    dedupe: z
      .strictObject({ key: z.string().min(1).max(1000).optional(), window: durationSchema.default(DAY_MS) })
      .prefault({})
      .describe('Events of one key within the window are one.'),
    group: z.string().min(1).max(1000).optional().describe('Events of one value are decided on by themselves.'),
    merge: z.boolean().optional().describe('Whether what waits becomes one run, or each event its own.'),
    debounce: z
      .strictObject({ quiet: durationSchema, max_wait: durationSchema.default(HOUR_MS) })
      .optional()
      .describe('Starts once nothing came for `quiet`, at the latest `max_wait` after the first.'),
    cooldown: durationSchema.default(0).describe('No second start within this time of the last one.'),
    concurrency: z
      .strictObject({
        max_active: z.number().int().min(1).max(1000).default(1).describe('Runs of the pipeline at once.'),
        policy: z.enum(['queue', 'skip', 'replace']).default('queue').describe('What is done with more.'),
      })
      .prefault({}),
    budget: z.number().int().min(1).max(10_000).optional().describe('Most runs within 24 hours.'),
    params: z.record(z.string(), textSchema).default({}).describe('Parameters of its runs; {{event.data.NAME}} takes from the event.'),
  })
  .superRefine((trigger, context) => {
    if (trigger.on.kind !== 'schedule') return;
    for (const key of ['debounce', 'group'] as const)
      if (trigger[key] !== undefined)
        context.addIssue({ code: 'custom', path: [key], message: 'a schedule has none: its moments are known' });
    if (trigger.merge === true)
      context.addIssue({ code: 'custom', path: ['merge'], message: 'each moment of a schedule is a run of its own' });
  });

export function toTriggers(pipeline: string, triggers: readonly z.output<typeof triggerSchema>[]): readonly TriggerSpec[] {
  return triggers.map((trigger) => ({
    name: trigger.name,
    pipeline,
    on: trigger.on,
    filter: Object.fromEntries(Object.entries(trigger.filter).map(([path, value]) => [path, typeof value === 'string' ? [value] : value])),
    dedupe: { key: trigger.dedupe.key ?? null, windowMs: trigger.dedupe.window },
    group: trigger.group ?? null,
    merge: trigger.merge ?? trigger.on.kind !== 'schedule',
    debounce: { quietMs: trigger.debounce?.quiet ?? 0, maxWaitMs: trigger.debounce?.max_wait ?? 0 },
    cooldownMs: trigger.cooldown,
    maxActive: trigger.concurrency.max_active,
    policy: trigger.concurrency.policy,
    budget: trigger.budget ?? null,
    params: trigger.params,
  }));
}
