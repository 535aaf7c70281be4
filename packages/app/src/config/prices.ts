import { readFileSync } from 'node:fs';
import { fault } from '@pawl/core';
import type { PriceTable } from '@pawl/core';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { toProblem } from '../schema/problem.ts';

const amount = z.number().min(0).max(1e6).default(0);
const priceSchema = z
  .strictObject({
    cpu_hour: amount.describe('A processor used for an hour.'),
    gb_hour: amount.describe('A GiB of memory used for an hour.'),
    gpu_hour: amount.describe('A GPU at its disposal for an hour.'),
    hour: amount.describe('The whole machine for an hour.'),
  })
  .transform(({ cpu_hour, gb_hour, gpu_hour, hour }) => ({ cpuHour: cpu_hour, gbHour: gb_hour, gpuHour: gpu_hour, hour }));

const pricesSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'use the three capital letters of ISO 4217, such as EUR'),
  standard: priceSchema.nullable().default(null).describe('For machines that are not named below.'),
  machines: z.record(z.string().min(1).max(100), priceSchema).default({}),
});

/** The price table in a YAML or JSON file. Throws `file_unreadable`, `invalid_file`. */
export function loadPrices(path: string | undefined): PriceTable | null {
  if (path === undefined) return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fault('file_unreadable', { path, reason: (error as NodeJS.ErrnoException).code ?? 'it cannot be read' }, error);
  }
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw fault('invalid_file', { file: path, problem: broken.message.split('\n')[0] ?? 'it is no YAML' });
  const parsed = pricesSchema.safeParse(document.toJS());
  if (!parsed.success) throw fault('invalid_file', { file: path, problem: toProblem(parsed.error) });
  return parsed.data;
}
