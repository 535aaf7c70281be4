import type { GcRun } from '@pawl/core';
import type { GcService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { idSchema, pageOf, pageQuery, timeSchema, toPageRequest, toTime } from './schema.ts';

const DAY = 86_400_000;
const amountSchema = z.object({ count: z.number().int(), bytes: z.number() });
const lengthSchema = z
  .number()
  .int()
  .min(0)
  .max(36_500 * DAY);

const gcRunSchema = z
  .object({
    id: idSchema,
    state: z.enum(['running', 'done', 'failed']),
    phase: z.string().describe('What it is at.'),
    dry_run: z.boolean(),
    older_than_ms: z.number().int(),
    grace_ms: z.number().int(),
    lines: z.array(
      z.object({
        kind: z.string(),
        removed: z.number().int().describe('In a dry run: what would be.'),
        bytes: z.number(),
        held: z.number().int().describe('Could go, and stays because something refers to it.'),
        examples: z.array(
          z.object({
            id: z.string(),
            name: z.string(),
            held_by: z.object({ kind: z.string(), name: z.string() }).nullable().describe('Null when it goes.'),
          }),
        ),
      }),
    ),
    waiting: amountSchema.describe('Content that nothing refers to, and that is younger than the grace period.'),
    kept: amountSchema.describe('Content that is referred to.'),
    problem: z.string(),
    started_at: timeSchema,
    ended_at: timeSchema.nullable(),
    actor: z.string(),
  })
  .meta({ id: 'GcRun' });

function toGcRun(run: GcRun): z.infer<typeof gcRunSchema> {
  return {
    id: run.id,
    state: run.state,
    phase: run.phase,
    dry_run: run.options.dryRun,
    older_than_ms: run.options.olderThanMs,
    grace_ms: run.options.graceMs,
    lines: run.lines.map((line) => ({
      ...line,
      examples: line.examples.map(({ id, name, hold }) => ({ id, name, held_by: hold === null ? null : { ...hold } })),
    })),
    waiting: run.waiting,
    kept: run.kept,
    problem: run.problem,
    started_at: toTime(run.startedAt),
    ended_at: run.endedAt === null ? null : toTime(run.endedAt),
    actor: run.actor,
  };
}

export function gcRoutes({ gc }: { readonly gc: GcService }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/gc',
      operation: 'gc.start',
      summary: 'Starts to remove for good what was deleted and what nothing refers to; ask for it by its id until it has ended.',
      body: z.object({
        older_than_ms: lengthSchema.default(30 * DAY).describe('What was deleted at least this long ago goes.'),
        grace_ms: lengthSchema.default(DAY).describe('Content that was sent or asked for within this time stays.'),
        dry_run: z.boolean().default(false),
      }),
      response: gcRunSchema,
      handle: async ({ body, actor }) =>
        toGcRun(await gc.start({ olderThanMs: body.older_than_ms, graceMs: body.grace_ms, dryRun: body.dry_run }, actor)),
    }),
    defineRoute({
      method: 'GET',
      path: '/gc/:id',
      operation: 'gc.get',
      summary: 'Shows a collection, also while it is under way.',
      params: z.object({ id: idSchema }),
      response: gcRunSchema,
      handle: async ({ params }) => toGcRun(await gc.get(params.id)),
    }),
    defineRoute({
      method: 'GET',
      path: '/gc',
      operation: 'gc.list',
      summary: 'Lists collections, newest first.',
      query: pageQuery,
      response: pageOf(gcRunSchema),
      handle: async ({ query }) => {
        const page = await gc.list(toPageRequest(query));
        return { ...page, items: page.items.map(toGcRun) };
      },
    }),
  ];
}
