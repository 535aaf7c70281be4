import type { MonitorService, RolloutService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { idSchema, momentSchema } from './schema.ts';

const labelSchema = z.object({
  prediction_id: idSchema,
  row: z.number().int().min(0).max(1_000_000).default(0).describe('Row within the request.'),
  value: z.boolean().describe('The truth.'),
  time: momentSchema.describe('When it was known; the newest wins.'),
});

export function labelRoutes({
  monitors,
  rollouts,
}: {
  readonly monitors: MonitorService;
  readonly rollouts: RolloutService;
}): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/endpoints/:endpoint/labels',
      operation: 'label.add',
      summary: 'Tells the truth about predictions. A label may come before its prediction, twice, or as a correction.',
      params: z.object({ endpoint: nameSchema }),
      body: z.object({ labels: z.array(labelSchema).max(10_000) }),
      response: z.object({ taken: z.number().int() }),
      handle: async ({ params, body }) => {
        const { name } = await rollouts.endpoint(params.endpoint);
        await monitors.label(body.labels.map(({ prediction_id, ...label }) => ({ endpoint: name, prediction: prediction_id, ...label })));
        return { taken: body.labels.length };
      },
    }),
  ];
}
