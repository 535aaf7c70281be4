import type { Alert } from '@pawl/core';
import type { MonitorService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { idSchema, jsonObjectSchema, pageOf, pageQuery, timeSchema, toPageRequest, toTime } from './schema.ts';

const stateSchema = z.enum(['pending', 'firing', 'resolved']);

const alertSchema = z.object({
  id: z.string(),
  monitor: z.string(),
  kind: z.enum(['drift', 'quality']),
  version: z.number().int().describe('Model version.'),
  state: stateSchema,
  pending_at: timeSchema,
  fired_at: timeSchema.nullable(),
  resolved_at: timeSchema.nullable(),
  summary: z.string(),
  evidence: jsonObjectSchema,
});

function toAlert(alert: Alert): z.infer<typeof alertSchema> {
  const { id, monitor, kind, version, state, summary, evidence } = alert;
  return {
    id,
    monitor,
    kind,
    version,
    state,
    pending_at: toTime(alert.pendingAt),
    fired_at: toTime(alert.firedAt),
    resolved_at: toTime(alert.resolvedAt),
    summary,
    evidence,
  };
}

export function alertRoutes({ monitors }: { readonly monitors: MonitorService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/alerts',
      operation: 'alert.list',
      summary: 'Lists alerts, newest first.',
      query: pageQuery.extend({ monitor: nameSchema.optional(), state: stateSchema.optional() }),
      response: pageOf(alertSchema),
      handle: async ({ query }) => {
        const { monitor, state } = query;
        const filter = { ...(monitor === undefined ? {} : { monitor }), ...(state === undefined ? {} : { state }) };
        const page = await monitors.alerts(filter, toPageRequest(query));
        return { ...page, items: page.items.map(toAlert) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/alerts/:alert',
      operation: 'alert.get',
      summary: 'Shows an alert with its evidence.',
      params: z.object({ alert: idSchema }),
      response: alertSchema,
      handle: async ({ params }) => toAlert(await monitors.alert(params.alert)),
    }),
  ];
}
