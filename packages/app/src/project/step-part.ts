import type { ForEach, PipelineStep, StepInput, StepOutput, StepPool } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';
import { durationSchema, valueSchema } from './values.ts';
import { pythonSchema, resourcesSchema, usesSchema } from './execution-part.ts';

export const wordSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'use letters, digits and underscore');

const inputSchema = z
  .string()
  .regex(/^(dataset:[A-Za-z0-9][A-Za-z0-9._-]*|[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/, 'write dataset:NAME, or STEP.OUTPUT')
  .transform((text): StepInput => {
    if (text.startsWith('dataset:')) return { from: 'dataset', dataset: text.slice('dataset:'.length) };
    const dot = text.indexOf('.');
    return { from: 'step', step: text.slice(0, dot), output: text.slice(dot + 1) };
  })
  .describe('dataset:NAME, or STEP.OUTPUT.');

const OUTPUT_TYPES = ['file', 'folder', 'metrics', 'model', 'json'] as const;

const outputSchema = z
  .strictObject({
    file: z.string().min(1).optional().describe('One file of this name.'),
    folder: z.string().min(1).optional(),
    metrics: z.string().min(1).optional().describe('A JSON file whose numbers join the run.'),
    model: z.string().min(1).optional().describe('A folder with MLmodel.'),
    json: z.string().min(1).optional().describe('A file with one JSON value, for conditions and fan-outs.'),
    dataset: nameSchema.optional().describe('The output also becomes a version of this dataset.'),
  })
  .transform((output, context): StepOutput => {
    const types = OUTPUT_TYPES.filter((type) => output[type] !== undefined);
    const [type] = types;
    const name = type === undefined ? undefined : output[type];
    if (type === undefined || name === undefined || types.length > 1) {
      context.addIssue({ code: 'custom', message: `say exactly one of ${OUTPUT_TYPES.join(', ')}` });
      return z.NEVER;
    }
    return { type, name, dataset: output.dataset ?? null };
  });

const retrySchema = z.union([
  z.number().int().min(0).max(100),
  z
    .strictObject({
      limit: z.number().int().min(0).max(100),
      base: durationSchema.default(1000).describe('Wait after the first failure; it doubles with each.'),
      max: durationSchema.default(3_600_000).describe('Longest wait.'),
    })
    .describe('Attempts after the first, and the waits between them.'),
]);

const foreachSchema = z
  .union([
    z.string().min(1),
    z.array(valueSchema).max(10_000),
    z.strictObject({
      in: z.union([z.string().min(1), z.array(valueSchema).max(10_000)]).describe('The elements, or an expression that gives a list.'),
      parallelism: z.number().int().min(0).max(10_000).default(0).describe('Most elements at the same time; 0: no limit of its own.'),
    }),
  ])
  .transform((value): ForEach =>
    typeof value === 'string' || Array.isArray(value) ? { in: value, parallelism: 0 } : { in: value.in, parallelism: value.parallelism },
  )
  .describe('Runs once for each element of a list.');

const poolSchema = z
  .strictObject({ name: z.string().min(1).max(128), slots: z.number().int().min(1).max(10_000) })
  .transform((pool): StepPool => pool)
  .describe('At most so many tasks of this pool at the same time, over all runs.');

export const stepSchema = z
  .strictObject({
    run: z
      .string()
      .min(1)
      .optional()
      .describe('A command, as in an npm script. It finds its inputs and outputs in PAWL_INPUT_<NAME> and PAWL_OUTPUT_<NAME>.'),
    uses: usesSchema.optional(),
    python: pythonSchema.optional(),
    resources: resourcesSchema.optional(),
    approve: z.string().min(1).max(1000).optional().describe('Instead of a command: a person decides whether what waits for it goes on.'),
    inputs: z.record(wordSchema, inputSchema).default({}),
    outputs: z.record(wordSchema, outputSchema).default({}),
    params: z.array(z.string()).default([]).describe('Parameters of the pipeline that it reads.'),
    code: z.array(z.string().min(1)).default([]).describe('Files whose content is its code: a change runs it again.'),
    after: z.array(z.string()).default([]).describe('Steps that must have ended well before.'),
    if: z
      .union([z.string().min(1).max(4000), z.boolean().transform(String)])
      .optional()
      .describe('An expression; false skips the step.'),
    foreach: foreachSchema.optional(),
    always: z
      .union([z.boolean(), z.literal('also-canceled')])
      .optional()
      .describe('Runs when its upstreams have ended, however they did; also-canceled: even in a run that was canceled.'),
    retries: retrySchema.default(0),
    timeout: durationSchema.default(3_600_000),
    cache: z
      .union([z.boolean(), durationSchema])
      .default(true)
      .describe('false for a step that reads the outside world; a length of time for how old a result may be.'),
    pool: poolSchema.optional(),
    priority: z.number().int().min(0).max(9).optional().describe('A higher one is started earlier.'),
    secrets: z
      .union([
        z.array(wordSchema).transform((names) => Object.fromEntries(names.map((name) => [name, name]))),
        z.record(wordSchema, z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,127}$/, 'use letters, digits, dash and underscore')),
      ])
      .optional()
      .describe('Environment variables with the name of the secret each holds.'),
  })
  .superRefine((step, context) => {
    if ([step.run, step.uses, step.approve].filter((one) => one !== undefined).length !== 1)
      context.addIssue({ code: 'custom', message: 'say exactly one of run, uses, approve' });
  });

export function toStep(name: string, file: z.output<typeof stepSchema>): PipelineStep {
  const { run, uses, python, resources, approve, retries, timeout, cache, always, foreach, pool, priority, secrets } = file;
  const condition = file.if;
  return {
    name,
    run: run ?? '',
    ...(uses === undefined ? {} : { uses }),
    ...(python === undefined ? {} : { python }),
    ...(resources === undefined ? {} : { resources }),
    ...(approve === undefined ? {} : { approve }),
    inputs: file.inputs,
    outputs: file.outputs,
    params: file.params,
    code: file.code,
    after: file.after,
    retries: typeof retries === 'number' ? retries : retries.limit,
    ...(typeof retries === 'number' ? {} : { backoff: { baseMs: retries.base, maxMs: retries.max } }),
    timeoutMs: timeout,
    cache: cache !== false,
    ...(typeof cache === 'number' ? { cacheMs: cache } : {}),
    ...(condition === undefined ? {} : { if: condition }),
    ...(foreach === undefined ? {} : { foreach }),
    ...(always === undefined || always === false ? {} : { always: true, ...(always === true ? {} : { onCancel: true }) }),
    ...(pool === undefined ? {} : { pool }),
    ...(priority === undefined ? {} : { priority }),
    ...(secrets === undefined ? {} : { secrets }),
  };
}
