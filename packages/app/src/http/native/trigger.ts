import type { TriggerDecision, TriggerSpec } from '@pawl/core';
import type { TriggerService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { pageFrom, pageOf, pageQuery, timeSchema, toTime } from './schema.ts';

const triggerSchema = z.object({
  name: z.string(),
  pipeline: z.string(),
  monitor: z.string(),
  kinds: z.array(z.string()).describe('Kinds of alert that start it; empty: any.'),
  cooldown_ms: z.number(),
  params: z.record(z.string(), z.string()),
});

function toTrigger({ cooldownMs, kinds, ...spec }: TriggerSpec): z.infer<typeof triggerSchema> {
  return { ...spec, kinds: [...kinds], cooldown_ms: cooldownMs };
}

const decisionSchema = z.object({
  id: z.string(),
  trigger: z.string(),
  event: z.string(),
  decision: z.enum(['started', 'suppressed']),
  reason: z.string(),
  run: z.string().nullable().describe('The pipeline run it started.'),
  at: timeSchema,
});

function toDecision(decision: TriggerDecision): z.infer<typeof decisionSchema> {
  return { ...decision, at: toTime(decision.at) };
}

/** Decisions that are looked at for a page. */
const MOST_DECISIONS = 10_000;

const named = z.object({ trigger: nameSchema });

export function triggerRoutes({ triggers }: { readonly triggers: TriggerService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/triggers',
      operation: 'trigger.list',
      summary: 'Lists triggers.',
      query: pageQuery,
      response: pageOf(triggerSchema),
      handle: async ({ query }) => pageFrom((await triggers.list()).map(toTrigger), query, (trigger) => trigger.name),
    }),
    defineRoute({
      method: 'GET',
      path: '/triggers/:trigger',
      operation: 'trigger.get',
      summary: 'Shows a trigger.',
      params: named,
      response: triggerSchema,
      handle: async ({ params }) => toTrigger(await triggers.get(params.trigger)),
    }),
    defineRoute({
      method: 'GET',
      path: '/triggers/:trigger/decisions',
      operation: 'trigger.decisions',
      summary: 'Lists what a trigger decided on each event, newest first.',
      params: named,
      query: pageQuery,
      response: pageOf(decisionSchema),
      handle: async ({ params, query }) =>
        pageFrom((await triggers.decisions(params.trigger, MOST_DECISIONS)).map(toDecision), query, (decision) => decision.id),
    }),
  ];
}
