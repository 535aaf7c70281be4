import { candidateWeight, evidenceOf, judgeRollout } from '@pawl/core';
import type { Clock, Endpoint, GuardEvidence, Ids, Rollout, RolloutJudgement } from '@pawl/core';
import type { RolloutService } from '@pawl/engine';
import { z } from 'zod';
import { verdictSchema } from './gate.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import {
  idSchema,
  numberSchema,
  pageFrom,
  pageOf,
  pageQuery,
  timeSchema,
  toNumber,
  toPageRequest,
  toTime,
  versionSchema,
} from './schema.ts';

const endpointSchema = z.object({
  name: z.string(),
  model: z.string(),
  stable: z.number().int().nullable().describe('Version that answers; null until the first is promoted.'),
  rollout: z.string().nullable().describe('The rollout under way.'),
});

export const rolloutSchema = z
  .object({
    id: z.string(),
    endpoint: z.string(),
    model: z.string(),
    candidate: z.number().int(),
    stable: z.number().int().nullable(),
    state: z.enum(['running', 'held', 'promoted', 'rolled_back', 'superseded']),
    step: z.number().int().describe('1, 2, 3, …'),
    steps: z.number().int(),
    weight: z.number().describe("The candidate's share of traffic now."),
    started_at: timeSchema,
    step_started_at: timeSchema,
    ended_at: timeSchema.nullable(),
    verdict: verdictSchema,
    reason: z.string(),
    actor: z.string(),
  })
  .meta({ id: 'Rollout' });

const armSchema = z.object({ requests: z.number().int(), events: z.number().int() });
const evidenceSchema = z.object({ e_value: numberSchema, threshold: numberSchema.describe('Proven at this e-value, whenever one looks.') });

const guardSchema = z.object({
  metric: z.enum(['failures', 'slow', 'wrong']),
  required: z.boolean(),
  slo_ms: z.number().nullable(),
  tolerance: z.number(),
  no_worse_than: z.number(),
  margin: z.number(),
  verdict: z.enum(['worse', 'fine', 'undecided', 'not_enough_data']),
  stable: armSchema,
  candidate: armSchema,
  harm: evidenceSchema.describe('Against "no harm".'),
  no_worse: evidenceSchema.describe('Against "worse than the ratio allowed".'),
  below_margin: evidenceSchema.describe('Against "the candidate\'s own rate is at least the margin".'),
  difference: z
    .object({ lower: numberSchema.nullable(), upper: numberSchema.nullable() })
    .describe('Always-valid one-sided bounds of candidate - stable; null until enough requests make them trustworthy.'),
});

const stepSchema = z.object({
  weight: z.number(),
  min_requests: z.number().int(),
  min_ms: z.number(),
  require: z.enum(['not_worse', 'fine']),
});

const rolloutDetailSchema = z.object({
  rollout: rolloutSchema,
  alpha: z.number(),
  plan: z.array(stepSchema),
  judgement: z
    .object({ action: z.enum(['wait', 'advance', 'promote', 'roll_back', 'hold']), verdict: verdictSchema, reason: z.string() })
    .nullable()
    .describe('What the evidence asks for now; null once the rollout has ended.'),
  guards: z.array(guardSchema),
});

function toEndpoint({ name, model, stable, rollout }: Endpoint): z.infer<typeof endpointSchema> {
  return { name, model, stable, rollout };
}

export function toRollout(rollout: Rollout): z.infer<typeof rolloutSchema> {
  const { id, endpoint, model, candidate, stable, state, step, spec, verdict, reason, actor } = rollout;
  return {
    id,
    endpoint,
    model,
    candidate,
    stable,
    state,
    step: Math.min(step + 1, spec.steps.length),
    steps: spec.steps.length,
    weight: candidateWeight(rollout),
    started_at: toTime(rollout.startedAt),
    step_started_at: toTime(rollout.stepStartedAt),
    ended_at: toTime(rollout.endedAt),
    verdict,
    reason,
    actor,
  };
}

function toGuard(
  guard: Rollout['spec']['guards'][number],
  evidence: GuardEvidence,
  judged: RolloutJudgement['guards'][number],
): z.infer<typeof guardSchema> {
  const { harm, noWorse, belowMargin, lower, upper, harmThreshold, fineThreshold } = judged;
  const proof = (value: number, threshold: number): z.infer<typeof evidenceSchema> => ({
    e_value: toNumber(value),
    threshold: toNumber(threshold),
  });
  return {
    metric: guard.metric,
    required: guard.required,
    slo_ms: guard.sloMs,
    tolerance: guard.tolerance,
    no_worse_than: guard.noWorseThan,
    margin: guard.margin,
    verdict: judged.verdict,
    stable: { ...evidence.stable },
    candidate: { ...evidence.candidate },
    harm: proof(harm, harmThreshold),
    no_worse: proof(noWorse, fineThreshold),
    below_margin: proof(belowMargin, fineThreshold),
    difference: { lower: lower === null ? null : toNumber(lower), upper: upper === null ? null : toNumber(upper) },
  };
}

function toDetail(rollout: Rollout, now: number): z.infer<typeof rolloutDetailSchema> {
  const { action, verdict, reason, guards } = judgeRollout(rollout, now);
  return {
    rollout: toRollout(rollout),
    alpha: rollout.spec.alpha,
    plan: rollout.spec.steps.map(({ weight, minRequests, minMs, require }) => ({
      weight,
      min_requests: minRequests,
      min_ms: minMs,
      require,
    })),
    judgement: rollout.endedAt === null ? { action, verdict, reason } : null,
    guards: rollout.spec.guards.flatMap((guard, index) => {
      const judged = guards[index];
      return judged === undefined ? [] : [toGuard(guard, evidenceOf(rollout, guard), judged)];
    }),
  };
}

const oneRollout = z.object({ rollout: idSchema });

export interface RolloutPorts {
  readonly rollouts: RolloutService;
  readonly clock: Clock;
  readonly ids: Ids;
}

export function rolloutRoutes({ rollouts, clock, ids }: RolloutPorts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/endpoints',
      operation: 'rollout.endpoints',
      summary: 'Lists endpoints and the version that answers at each.',
      query: pageQuery,
      response: pageOf(endpointSchema),
      handle: async ({ query }) => pageFrom((await rollouts.endpoints()).map(toEndpoint), query, (endpoint) => endpoint.name),
    }),
    defineRoute({
      method: 'GET',
      path: '/endpoints/:endpoint',
      operation: 'rollout.endpoint',
      summary: 'Shows an endpoint.',
      params: z.object({ endpoint: nameSchema }),
      response: endpointSchema,
      handle: async ({ params }) => toEndpoint(await rollouts.endpoint(params.endpoint)),
    }),
    defineRoute({
      method: 'GET',
      path: '/rollouts',
      operation: 'rollout.list',
      summary: 'Lists rollouts, newest first.',
      query: pageQuery.extend({ endpoint: nameSchema.optional() }),
      response: pageOf(rolloutSchema),
      handle: async ({ query }) => {
        const page = await rollouts.list(query.endpoint === undefined ? {} : { endpoint: query.endpoint }, toPageRequest(query));
        return { ...page, items: page.items.map(toRollout) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/rollouts/:rollout',
      operation: 'rollout.get',
      summary: 'Shows a rollout with the evidence of each guard.',
      params: oneRollout,
      response: rolloutDetailSchema,
      handle: async ({ params }) => toDetail(await rollouts.get(params.rollout), clock.now()),
    }),
    defineRoute({
      method: 'POST',
      path: '/rollouts',
      operation: 'rollout.start',
      summary: 'Starts a candidate on its way. A rollout under way is superseded; the first version of an endpoint is promoted at once.',
      body: z.object({ endpoint: nameSchema, candidate: versionSchema, id: idSchema.optional().describe('The same id starts once.') }),
      response: rolloutSchema,
      handle: async ({ body, actor }) =>
        toRollout(await rollouts.start({ id: body.id ?? ids.next(), endpoint: body.endpoint, candidate: body.candidate, actor })),
    }),
    defineRoute({
      method: 'POST',
      path: '/rollouts/:rollout/decisions',
      operation: 'rollout.decide',
      summary: 'Ends a rollout by a decision of a person; who and why is recorded.',
      params: oneRollout,
      body: z.object({ decision: z.enum(['promote', 'roll_back']), reason: z.string().min(1).max(10_000) }),
      response: rolloutSchema,
      handle: async ({ params, body, actor }) => toRollout(await rollouts.decide({ id: params.rollout, ...body, actor })),
    }),
  ];
}
