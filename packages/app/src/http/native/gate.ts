import { toRefText } from '@pawl/core';
import type { GateDecision, GateSpec, Ids } from '@pawl/core';
import type { GateService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { idSchema, jsonObjectSchema, pageFrom, pageOf, pageQuery, timeSchema, toPageRequest, toTime, versionSchema } from './schema.ts';

export const verdictSchema = z.enum(['PASS', 'FAIL', 'INCONCLUSIVE']);

const gateSchema = z.object({
  name: z.string(),
  model: z.string(),
  label: z.string(),
  margin: z.number(),
  alpha: z.number(),
  floors: z.object({ f1: z.number().nullable(), max_false_positive_rate: z.number().nullable() }),
  baseline_improvement: z.number(),
});

export const gateDecisionSchema = z
  .object({
    id: z.string(),
    gate: z.string(),
    model: z.string(),
    candidate: z.number().int(),
    champion: z.number().int().nullable().describe('null when there was no model in Production.'),
    evaluation: z.string(),
    verdict: verdictSchema,
    checks: z.array(z.object({ name: z.string(), verdict: verdictSchema, summary: z.string(), numbers: jsonObjectSchema })),
    at: timeSchema,
    forced: z.object({ actor: z.string(), reason: z.string(), at: timeSchema }).nullable(),
  })
  .meta({ id: 'GateDecision' });

export function toGateDecision(decision: GateDecision): z.infer<typeof gateDecisionSchema> {
  const { id, gate, model, candidate, champion, verdict, forced } = decision;
  return {
    id,
    gate,
    model,
    candidate,
    champion,
    evaluation: toRefText(decision.evaluation),
    verdict,
    checks: decision.checks.map((check) => ({ ...check })),
    at: toTime(decision.at),
    forced: forced === null ? null : { ...forced, at: toTime(forced.at) },
  };
}

function toGate({ floors, baselineImprovement, ...spec }: GateSpec): z.infer<typeof gateSchema> {
  return {
    ...spec,
    floors: { f1: floors.f1, max_false_positive_rate: floors.maxFalsePositiveRate },
    baseline_improvement: baselineImprovement,
  };
}

const judged = z.object({ model: nameSchema });

export function gateRoutes({ gates, ids }: { readonly gates: GateService; readonly ids: Ids }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/gates',
      operation: 'gate.list',
      summary: 'Lists gates.',
      query: pageQuery,
      response: pageOf(gateSchema),
      handle: async ({ query }) => pageFrom((await gates.specs()).map(toGate), query, (gate) => gate.name),
    }),
    defineRoute({
      method: 'GET',
      path: '/gate-decisions',
      operation: 'gate.decisions',
      summary: 'Lists decisions, newest first.',
      query: pageQuery.extend({ model: nameSchema.optional() }),
      response: pageOf(gateDecisionSchema),
      handle: async ({ query }) => {
        const page = await gates.list(query.model, toPageRequest(query));
        return { ...page, items: page.items.map(toGateDecision) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/gate-decisions/:decision',
      operation: 'gate.decision',
      summary: 'Shows a decision with the numbers of each check.',
      params: z.object({ decision: idSchema }),
      response: gateDecisionSchema,
      handle: async ({ params }) => toGateDecision(await gates.decision(params.decision)),
    }),
    defineRoute({
      method: 'POST',
      path: '/gates/:model/decisions',
      operation: 'gate.decide',
      summary: 'Judges a version on its frozen evaluation data against the version in Production.',
      params: judged,
      body: z.object({ candidate: versionSchema, id: idSchema.optional().describe('The same id is judged once.') }),
      response: gateDecisionSchema,
      handle: async ({ params, body, actor }) =>
        toGateDecision(await gates.decide({ id: body.id ?? ids.next(), model: params.model, candidate: body.candidate, actor })),
    }),
    defineRoute({
      method: 'POST',
      path: '/gates/:model/forces',
      operation: 'gate.force',
      summary: 'Lets a version through although its gate did not say PASS; who and why is recorded.',
      params: judged,
      body: z.object({ candidate: versionSchema, reason: z.string().min(1).max(10_000) }),
      response: gateDecisionSchema,
      handle: async ({ params, body, actor }) => toGateDecision(await gates.force({ ...params, ...body, actor })),
    }),
  ];
}
