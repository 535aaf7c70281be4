import type { TriggerSpec } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';
import { durationSchema, textSchema } from './values.ts';

export const triggerSchema = z.strictObject({
  name: nameSchema,
  on: z.strictObject({ alert: z.strictObject({ monitor: nameSchema, kinds: z.array(z.enum(['drift', 'quality'])).default([]) }) }),
  cooldown: durationSchema.default(0).describe('No second start within this time of the last one.'),
  params: z.record(z.string(), textSchema).default({}),
});

export function toTriggers(pipeline: string, triggers: readonly z.output<typeof triggerSchema>[]): readonly TriggerSpec[] {
  return triggers.map(({ name, on, cooldown, params }) => ({
    name,
    pipeline,
    monitor: on.alert.monitor,
    kinds: on.alert.kinds,
    cooldownMs: cooldown,
    params,
  }));
}
