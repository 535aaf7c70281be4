import { z } from 'zod';

/**
 * Records with the ids and times that they have in the store they come from: what imports send, and what archives of runs hold, a JSON line each. Times are
 * epoch milliseconds, as stores have them: a moment that a client once wrote in nanoseconds has no other form.
 */
const wholeSchema = z.number().int().describe('Whole number.');
const keySchema = z.string().min(1).max(500);
const textSchema = z.string().max(4_000_000);
const textsSchema = z.record(keySchema, textSchema);
const lifecycleSchema = z.enum(['active', 'deleted']);
const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'use sha256: and 64 hex digits');
const nameSchema = z.string().min(1).max(500);
const uriSchema = z.string().min(1).max(4000);

export const runIdSchema = z.string().regex(/^[0-9a-f]{32}$/, 'use 32 hex digits');
export const loggedModelIdSchema = z.string().regex(/^m-[0-9a-f]{32}$/, 'use m- and 32 hex digits');

const valueSchema = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  .describe('A number; "NaN", "Infinity" or "-Infinity" as text.');

export const experimentRecord = z
  .strictObject({
    id: z
      .string()
      .regex(/^(0|[1-9][0-9]{0,18})$/, 'use a whole number')
      .describe('Number in the other store; beyond 9 digits it stays the number for MLflow’s clients only.'),
    name: nameSchema,
    artifact_location: uriSchema.nullable().describe('null: where the server keeps artifacts.'),
    lifecycle: lifecycleSchema,
    created_at: wholeSchema,
    updated_at: wholeSchema,
    tags: textsSchema,
  })
  .meta({ id: 'ExperimentRecord' });

export const runRecord = z
  .strictObject({
    id: runIdSchema,
    experiment: wholeSchema.describe('Number of the experiment on this server.'),
    name: z.string().max(4000),
    status: z.enum(['scheduled', 'running', 'finished', 'failed', 'killed']),
    user: z.string().max(4000),
    started_at: wholeSchema,
    ended_at: wholeSchema.nullable(),
    lifecycle: lifecycleSchema,
    deleted_at: wholeSchema.nullable(),
    artifact_uri: uriSchema.nullable().describe('null: below the root of its experiment.'),
    code: z
      .strictObject({ commit: z.string().max(100), branch: z.string().max(1000).nullable(), patch: digestSchema.nullable() })
      .nullable(),
    environment: textsSchema,
    params: textsSchema,
    tags: textsSchema,
    inputs: z.array(z.strictObject({ dataset: nameSchema, version: wholeSchema, role: z.string().max(250) })).max(10_000),
    datasets: z
      .array(
        z.strictObject({
          name: z.string().max(500),
          digest: z.string().max(500),
          source_type: textSchema,
          source: textSchema,
          schema: textSchema.nullable(),
          profile: z.string().max(20_000_000).nullable(),
          tags: textsSchema,
        }),
      )
      .max(10_000),
    model_inputs: z.array(loggedModelIdSchema).max(10_000),
    model_outputs: z.array(z.strictObject({ model: loggedModelIdSchema, step: wholeSchema })).max(10_000),
  })
  .meta({ id: 'RunRecord' });

export const seriesRecord = z
  .strictObject({
    key: keySchema,
    points: z.array(z.tuple([z.number().int(), z.number().int(), valueSchema])).describe('Step, time and value of each.'),
  })
  .meta({ id: 'SeriesRecord' });

export const fileRecord = z
  .strictObject({ path: z.string().min(1).max(2048), digest: digestSchema, size: z.number().int().min(0) })
  .meta({ id: 'FileRecord' });

export const loggedModelRecord = z.strictObject({
  id: loggedModelIdSchema,
  experiment: wholeSchema.describe('Number of the experiment on this server.'),
  name: z.string().max(4000),
  type: z.string().max(4000),
  status: z.enum(['pending', 'ready', 'failed']),
  run: z.string().max(250).nullable(),
  created_at: wholeSchema,
  updated_at: wholeSchema,
  deleted_at: wholeSchema.nullable(),
  params: textsSchema,
  tags: textsSchema,
});

export const modelMetricRecord = z.strictObject({
  run: z.string().max(250),
  key: keySchema,
  value: valueSchema,
  step: wholeSchema,
  time: wholeSchema,
  dataset: z.strictObject({ name: z.string().max(500), digest: z.string().max(500) }).nullable(),
});

export const modelRecord = z.strictObject({
  name: z.string().min(1).max(256),
  description: textSchema,
  last_version: z.number().int().min(0).describe('Highest number that a version of it ever had.'),
  created_at: wholeSchema,
  created_by: z.string().max(300),
  updated_at: wholeSchema,
  tags: textsSchema,
});

export const modelVersionRecord = z.strictObject({
  model: z.string().min(1).max(256),
  version: z.number().int().min(1).max(999_999_999),
  source: z.union([
    z.strictObject({ kind: z.literal('uri'), uri: z.string().max(4000) }),
    z.strictObject({ kind: z.enum(['run', 'model']), id: z.string().max(250), path: z.string().max(4000) }),
  ]),
  run: z.string().max(250).nullable(),
  run_link: z.string().max(4000),
  stage: z.enum(['None', 'Staging', 'Production', 'Archived']),
  description: textSchema,
  tags: textsSchema,
  created_at: wholeSchema,
  created_by: z.string().max(300),
  updated_at: wholeSchema,
  aliases: z.array(z.string().min(1).max(255)).max(1000),
});

export type RunRecord = z.infer<typeof runRecord>;
export type ExperimentRecord = z.infer<typeof experimentRecord>;
export type SeriesRecord = z.infer<typeof seriesRecord>;
export type LoggedModelRecord = z.infer<typeof loggedModelRecord>;
export type ModelMetricRecord = z.infer<typeof modelMetricRecord>;
export type ModelRecord = z.infer<typeof modelRecord>;
export type ModelVersionRecord = z.infer<typeof modelVersionRecord>;
