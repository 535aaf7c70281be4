import type { Backfill, BackfillPartition } from '@pawl/core';
import type { BackfillService, BackfillStatus } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { idSchema, pageOf, pageQuery, textsSchema, timeSchema, toPageRequest, toTime } from './schema.ts';

const unitSchema = z.enum(['hourly', 'daily', 'weekly', 'monthly']);
const stateSchema = z.enum(['running', 'paused', 'canceled', 'ended']);
const partitionStateSchema = z.enum(['waiting', 'skipped', 'refused', 'running', 'succeeded', 'failed', 'canceled']);
const orderSchema = z.enum(['oldest', 'newest']);
const countsSchema = z.partialRecord(partitionStateSchema, z.number().int());

const backfillSchema = z.object({
  id: z.string(),
  pipeline: z.string(),
  digest: z.string().describe('Of the definition it runs by.'),
  partition: unitSchema,
  timezone: z.string(),
  from: timeSchema,
  to: timeSchema.describe('Not included.'),
  params: z.record(z.string(), z.string()),
  concurrency: z.number().int(),
  order: orderSchema,
  force: z.boolean(),
  state: stateSchema,
  actor: z.string(),
  created_at: timeSchema,
  ended_at: timeSchema.nullable(),
});

function toBackfill(backfill: Backfill): z.infer<typeof backfillSchema> {
  const { id, pipeline, specDigest, unit, timezone, params, concurrency, order, force, state, actor } = backfill;
  return {
    id,
    pipeline,
    digest: specDigest,
    partition: unit,
    timezone,
    from: toTime(backfill.from),
    to: toTime(backfill.to),
    params,
    concurrency,
    order,
    force,
    state,
    actor,
    created_at: toTime(backfill.createdAt),
    ended_at: toTime(backfill.endedAt),
  };
}

const statusSchema = z.object({ backfill: backfillSchema, counts: countsSchema.describe('Partitions by state.') });

function toStatus({ backfill, counts }: BackfillStatus): z.infer<typeof statusSchema> {
  return { backfill: toBackfill(backfill), counts: { ...counts } };
}

const partitionSchema = z.object({
  name: z.string(),
  start: timeSchema,
  end: timeSchema.describe('Not included.'),
  state: partitionStateSchema.describe('skipped: a run of this definition succeeded before.'),
  run: z.string().nullable(),
  reason: z.string(),
});

function toPartition({ name, start, end, state, run, reason }: BackfillPartition): z.infer<typeof partitionSchema> {
  return { name, start: toTime(start), end: toTime(end), state, run, reason };
}

const localSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/, 'write 2026-01-31 or 2026-01-31T13:00')
  .describe('A date, or a date with a time, in the time zone.');
const one = z.object({ backfill: idSchema });

export function backfillRoutes({ backfills }: { readonly backfills: BackfillService }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/pipelines/:pipeline/backfills',
      operation: 'backfill.ask',
      summary: 'Runs a pipeline over the partitions of a range. The same request gives the same backfill.',
      params: z.object({ pipeline: nameSchema }),
      body: z.object({
        from: localSchema,
        to: localSchema.describe('A date is included, a time is not.'),
        partition: unitSchema.default('daily'),
        timezone: z.string().min(1).max(100).default('UTC'),
        params: textsSchema.default({}),
        concurrency: z.number().int().min(1).max(100).default(1).describe('Runs at once.'),
        order: orderSchema.default('oldest'),
        force: z.boolean().default(false).describe('Runs what succeeded before again.'),
        key: z.string().max(250).default('').describe('Tells one request from another of the same.'),
        dry_run: z.boolean().default(false),
      }),
      response: z.object({
        created: z.boolean(),
        status: statusSchema.nullable().describe('Absent in a dry run.'),
        partitions: z.array(z.object({ name: z.string(), start: timeSchema, end: timeSchema })).describe('Of a dry run.'),
      }),
      handle: async ({ params, body, actor }) => {
        const { partition: unit, dry_run: isDry, ...rest } = body;
        const request = { ...rest, unit, pipeline: params.pipeline, actor };
        if (isDry) {
          const planned = await backfills.plan(request);
          const partitions = planned.map(({ name, start, end }) => ({ name, start: toTime(start), end: toTime(end) }));
          return { created: false, status: null, partitions };
        }
        const { created, ...status } = await backfills.ask(request);
        return { created, status: toStatus(status), partitions: [] };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/backfills',
      operation: 'backfill.list',
      summary: 'Lists backfills, newest first.',
      query: pageQuery.extend({ pipeline: nameSchema.optional(), state: stateSchema.optional() }),
      response: pageOf(backfillSchema),
      handle: async ({ query }) => {
        const { pipeline, state } = query;
        const filter = { ...(pipeline === undefined ? {} : { pipeline }), ...(state === undefined ? {} : { state }) };
        const page = await backfills.list(filter, toPageRequest(query));
        return { ...page, items: page.items.map(toBackfill) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/backfills/:backfill',
      operation: 'backfill.get',
      summary: 'Shows a backfill and how far it is.',
      params: one,
      response: statusSchema,
      handle: async ({ params }) => toStatus(await backfills.get(params.backfill)),
    }),
    defineRoute({
      method: 'GET',
      path: '/backfills/:backfill/partitions',
      operation: 'backfill.partitions',
      summary: 'Lists the partitions of a backfill in the order in which they start.',
      params: one,
      query: pageQuery,
      response: pageOf(partitionSchema),
      handle: async ({ params, query }) => {
        const page = await backfills.partitions(params.backfill, toPageRequest(query));
        return { ...page, items: page.items.map(toPartition) };
      },
    }),
    ...(
      [
        ['pause', 'Starts no further run; those under way go on.'],
        ['resume', 'Goes on, and runs what failed, was canceled or was refused again.'],
        ['cancel', 'Starts no further run, and stops those under way.'],
      ] as const
    ).map(([verb, summary]) =>
      defineRoute({
        method: 'POST',
        path: `/backfills/:backfill/${verb}`,
        operation: `backfill.${verb}`,
        summary,
        params: one,
        response: statusSchema,
        handle: async ({ params, actor }) => toStatus(await backfills[verb](params.backfill, actor)),
      }),
    ),
  ];
}
