import type { JsonValue } from '@pawl/core';
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `250ms`, `30s`, `15m`, `6h`, `7d`; milliseconds inside. */
export const durationSchema = z
  .string()
  .regex(/^[0-9]+(ms|s|m|h|d)$/, 'write a whole number and a unit: 250ms, 30s, 15m, 6h, 7d')
  .transform((text) => {
    const unit = /[a-z]+$/.exec(text)?.[0] ?? 'ms';
    return Number.parseInt(text, 10) * (UNITS[unit] ?? 1);
  })
  .describe('A length of time: 250ms, 30s, 15m, 6h, 7d.');

/** A share of 1: `0.1` or `10%`. */
export const shareSchema = z
  .union([z.number().min(0).max(1), z.string().regex(/^[0-9]+(\.[0-9]+)?%$/, 'write a share from 0 to 1, or a percentage such as 10%')])
  .transform((value) => (typeof value === 'number' ? value : Number.parseFloat(value) / 100))
  .refine((value) => value <= 1, 'a share is at most 100%')
  .describe('A share: 0.1 or 10%.');

export const textSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const anything: z.ZodType<JsonValue> = z.custom<JsonValue>((value) => value !== undefined);

/** Any value: what comes of a file or a request is JSON already. */
export const valueSchema = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(anything),
  z.record(z.string(), anything),
]) satisfies z.ZodType<JsonValue>;
