import { stageRequestStates } from '@pawl/core';
import type { StageDecision, StageRequest } from '@pawl/core';
import type { ModelService, MoveOutcome, StageService } from '@pawl/engine';
import { z } from 'zod';
import { aliasNameSchema, forcedSchema, modelNameSchema, modelVersionSchema, stageSchema, toForced, toModelVersion } from './model.ts';
import { rolloutSchema, toRollout } from './rollout.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { idSchema, pageOf, pageQuery, timeSchema, toPageRequest, toTime, versionSchema } from './schema.ts';

const stageRequestSchema = z
  .object({
    id: idSchema,
    model: z.string(),
    version: z.number().int(),
    stage: stageSchema.describe('Whose rules apply.'),
    alias: z.string().nullable().describe('The alias that is to name the version; null when the version is to enter the stage.'),
    reason: z.string(),
    forced: forcedSchema.nullable().describe('Who overruled the gate with it.'),
    state: z.enum(stageRequestStates as [string, ...string[]]),
    requested_by: z.string(),
    requested_at: timeSchema,
    expires_at: timeSchema,
    decided_by: z.string().nullable(),
    decided_at: timeSchema.nullable(),
    note: z.string().describe('Why it was granted, refused or withdrawn.'),
  })
  .meta({ id: 'StageRequest' });

const outcomeSchema = z
  .object({
    version: modelVersionSchema,
    request: stageRequestSchema.nullable().describe('The request that the move needs; null where nobody is asked.'),
    rollouts: z.array(rolloutSchema).describe('Under way to Production.'),
  })
  .meta({ id: 'StageMove' });

function toStageRequest(request: StageRequest): z.infer<typeof stageRequestSchema> {
  return {
    id: request.id,
    model: request.model,
    version: request.version,
    stage: request.stage,
    alias: request.alias,
    reason: request.reason,
    forced: toForced(request.forced),
    state: request.state,
    requested_by: request.requestedBy,
    requested_at: toTime(request.requestedAt),
    expires_at: toTime(request.expiresAt),
    decided_by: request.decidedBy,
    decided_at: request.decidedAt === null ? null : toTime(request.decidedAt),
    note: request.note,
  };
}

function toOutcome({ version, request, rollouts }: MoveOutcome): z.infer<typeof outcomeSchema> {
  return {
    version: toModelVersion(version),
    request: request === null ? null : toStageRequest(request),
    rollouts: rollouts.map(toRollout),
  };
}

const named = z.object({ model: modelNameSchema });
const reasonSchema = z.string().max(10_000).default('');
const forceSchema = z.boolean().default(false).describe('Overrule the gate; the reason says why.');
const decisions: readonly (readonly [StageDecision, string])[] = [
  ['grant', 'Grants a request; the move happens at once.'],
  ['refuse', 'Refuses a request.'],
  ['withdraw', 'Takes back a request of one’s own.'],
];

/** How versions move, and the requests for it. */
export function stageRoutes({ models, stages }: { readonly models: ModelService; readonly stages: StageService }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/models/:model/versions/:version/stage',
      operation: 'model.stage',
      summary:
        'Moves a version to a stage, or asks for it where the rules of the model want an approval. Production takes only what its gate let through, by rollout where there are endpoints.',
      params: named.extend({ version: aliasNameSchema.describe('A number, an alias or a stage.') }),
      body: z.object({
        stage: stageSchema,
        reason: reasonSchema,
        force: forceSchema,
        archive_others: z.boolean().optional().describe('Whether the other versions there are archived; absent: those in Production.'),
      }),
      response: outcomeSchema,
      handle: async ({ params, body: { archive_others: archiveOthers, ...body }, actor }) => {
        const { model, version } = await models.version(params.model, params.version);
        return toOutcome(await stages.move({ model, version, ...body, ...(archiveOthers === undefined ? {} : { archiveOthers }), actor }));
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/models/:model/aliases/:alias',
      operation: 'model.alias',
      summary: 'Points an alias at a version. One that means what is in Production follows the rules of that stage.',
      params: named.extend({ alias: aliasNameSchema }),
      body: z.object({ version: versionSchema, reason: reasonSchema, force: forceSchema }),
      response: outcomeSchema,
      handle: async ({ params, body, actor }) => toOutcome(await stages.setAlias({ ...params, ...body, actor })),
    }),
    defineRoute({
      method: 'GET',
      path: '/stage-requests',
      operation: 'model.requests',
      summary: 'Lists requests for moves, newest first.',
      query: pageQuery.extend({
        model: modelNameSchema.optional(),
        version: versionSchema.optional(),
        state: z.enum(stageRequestStates as ['pending', ...('granted' | 'refused' | 'withdrawn' | 'expired')[]]).optional(),
      }),
      response: pageOf(stageRequestSchema),
      handle: async ({ query: { model, version, state, ...rest } }) => {
        const filter = {
          ...(model === undefined ? {} : { model }),
          ...(version === undefined ? {} : { version }),
          ...(state === undefined ? {} : { state }),
        };
        const page = await stages.requests(filter, toPageRequest(rest));
        return { ...page, items: page.items.map(toStageRequest) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/stage-requests/:request',
      operation: 'model.request',
      summary: 'Shows a request for a move.',
      params: z.object({ request: idSchema }),
      response: stageRequestSchema,
      handle: async ({ params }) => toStageRequest(await stages.request(params.request)),
    }),
    ...decisions.map(([decision, summary]) =>
      defineRoute({
        method: 'POST',
        path: `/stage-requests/:request/${decision}`,
        operation: `model.${decision}`,
        summary,
        params: z.object({ request: idSchema }),
        body: z.object({ note: z.string().max(10_000).default('').describe('Why; recorded.') }),
        response: outcomeSchema,
        handle: async ({ params, body, actor }) => toOutcome(await stages.decide({ id: params.request, decision, note: body.note, actor })),
      }),
    ),
  ];
}
