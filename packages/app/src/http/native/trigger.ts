import type { TriggerArrival, TriggerDecision, TriggerSpec, TriggerState } from '@pawl/core';
import type { TriggerService } from '@pawl/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { defineRoute, parsePart } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { idSchema, jsonObjectSchema, pageFrom, pageOf, pageQuery, timeSchema, toPageRequest, toTime } from './schema.ts';

const stageSchema = z.enum([
  'filter',
  'duplicate',
  'overflow',
  'resolved',
  'condition',
  'debounce',
  'cooldown',
  'concurrency',
  'budget',
  'refused',
  'missed',
  'passed',
]);

const triggerSchema = z.object({
  name: z.string(),
  pipeline: z.string(),
  on: jsonObjectSchema.describe('What it waits for: its `kind`, and what that kind needs.'),
  filter: z.record(z.string(), z.array(z.string())),
  dedupe: z.object({ key: z.string().nullable(), window_ms: z.number() }),
  group: z.string().nullable(),
  merge: z.boolean(),
  debounce: z.object({ quiet_ms: z.number(), max_wait_ms: z.number() }),
  cooldown_ms: z.number(),
  concurrency: z.object({ max_active: z.number(), policy: z.enum(['queue', 'skip', 'replace']) }),
  budget: z.number().nullable().describe('Most runs within 24 hours.'),
  params: z.record(z.string(), z.string()),
  next_fire: timeSchema.nullable().describe('Of a schedule.'),
});

function toTrigger(spec: TriggerSpec, state: TriggerState | undefined): z.infer<typeof triggerSchema> {
  const { name, pipeline, on, filter, dedupe, group, merge, debounce, cooldownMs, maxActive, policy, budget, params } = spec;
  return {
    name,
    pipeline,
    on: { ...on },
    filter: Object.fromEntries(Object.entries(filter).map(([path, values]) => [path, [...values]])),
    dedupe: { key: dedupe.key, window_ms: dedupe.windowMs },
    group,
    merge,
    debounce: { quiet_ms: debounce.quietMs, max_wait_ms: debounce.maxWaitMs },
    cooldown_ms: cooldownMs,
    concurrency: { max_active: maxActive, policy },
    budget,
    params,
    next_fire: toTime(state?.nextFire ?? null),
  };
}

const decisionSchema = z.object({
  id: z.string(),
  trigger: z.string(),
  event: z.string(),
  group: z.string(),
  decision: z.enum(['started', 'merged', 'waiting', 'dropped']),
  stage: stageSchema.describe('Where it was held or dropped; `passed` when it became a run.'),
  reason: z.string(),
  run: z.string().nullable().describe('The pipeline run it became.'),
  at: timeSchema,
});

function toDecision(decision: TriggerDecision): z.infer<typeof decisionSchema> {
  return { ...decision, at: toTime(decision.at) };
}

const causeSchema = z.object({ trigger: z.string(), event: z.string(), note: z.string(), content: jsonObjectSchema, at: timeSchema });

function toCause({ trigger, event, note, content, at }: TriggerArrival): z.infer<typeof causeSchema> {
  return { trigger, event, note, content, at: toTime(at) };
}

const named = z.object({ trigger: nameSchema });

/** As GitHub sends at most; what is kept of it is far less. */
const MESSAGE_BYTES = 25 * 1024 * 1024;

export function triggerRoutes({ triggers }: { readonly triggers: TriggerService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/triggers',
      operation: 'trigger.list',
      summary: 'Lists triggers.',
      query: pageQuery,
      response: pageOf(triggerSchema),
      handle: async ({ query }) => {
        const states = new Map((await triggers.states()).map((state) => [state.trigger, state]));
        return pageFrom(
          (await triggers.list()).map((spec) => toTrigger(spec, states.get(spec.name))),
          query,
          (trigger) => trigger.name,
        );
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/triggers/:trigger',
      operation: 'trigger.get',
      summary: 'Shows a trigger.',
      params: named,
      response: triggerSchema,
      handle: async ({ params }) =>
        toTrigger(
          await triggers.get(params.trigger),
          (await triggers.states()).find(({ trigger }) => trigger === params.trigger),
        ),
    }),
    defineRoute({
      method: 'GET',
      path: '/triggers/:trigger/decisions',
      operation: 'trigger.decisions',
      summary: 'Lists what a trigger decided on each event, newest first.',
      params: named,
      query: pageQuery,
      response: pageOf(decisionSchema),
      handle: async ({ params, query }) => {
        const page = await triggers.decisions(params.trigger, toPageRequest(query));
        return { ...page, items: page.items.map(toDecision) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/triggers/:trigger/fire',
      operation: 'trigger.fire',
      summary: 'Gives a trigger an event by hand; it is decided on as any other.',
      params: named,
      body: z.object({ data: jsonObjectSchema.default({}), note: z.string().max(10_000).default('') }),
      bodyLimit: 64 * 1024,
      response: z.object({ event: z.string() }),
      handle: async ({ params, body, actor }) => ({ event: await triggers.fire(params.trigger, { ...body, actor }) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/triggers/:trigger/secret',
      operation: 'trigger.renew_secret',
      summary: 'Makes the secret that messages to a webhook trigger are signed with, new each time. It is shown this once.',
      params: named,
      response: z.object({ secret: z.string() }),
      handle: async ({ params, actor }) => ({ secret: await triggers.renewSecret(params.trigger, actor) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/pipeline-runs/:run/causes',
      operation: 'trigger.causes',
      summary: 'Lists the events that became a run, oldest first.',
      params: z.object({ run: idSchema }),
      query: pageQuery,
      response: pageOf(causeSchema),
      handle: async ({ params, query }) => pageFrom((await triggers.causes(params.run)).map(toCause), query, (cause) => cause.event),
    }),
  ];
}

/** Takes messages from outside: CloudEvents in binary, structured and batched mode, pushes of GitHub and GitLab. The signature is made over the bytes, so nothing parses them before. */
export function mountTriggerMessages(scope: FastifyInstance, { triggers }: { readonly triggers: TriggerService }): void {
  void scope.register(async (inner) => {
    inner.removeAllContentTypeParsers();
    inner.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    inner.post('/v1/triggers/:trigger/events', { bodyLimit: MESSAGE_BYTES }, async (request, reply) => {
      const { trigger } = parsePart(named, request.params, 'path');
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
      );
      const body = Buffer.isBuffer(request.body) ? request.body : new Uint8Array();
      return reply.code(202).send(await triggers.receive(trigger, { headers, body }));
    });
  });
}
