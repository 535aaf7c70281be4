import type { Pipeline, PipelineSpec } from '@pawl/core';
import type { PipelineService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { digestSchema, jsonSchema, pageFrom, pageOf, pageQuery, timeSchema, toTime } from './schema.ts';

const inputSchema = z.union([
  z.object({ from: z.literal('dataset'), dataset: z.string() }),
  z.object({ from: z.literal('step'), step: z.string(), output: z.string() }),
]);

const outputSchema = z.object({
  type: z.enum(['file', 'folder', 'metrics', 'model', 'json']),
  name: z.string(),
  dataset: z.string().nullable(),
});

const stepSchema = z.object({
  name: z.string(),
  run: z.string(),
  inputs: z.record(z.string(), inputSchema),
  outputs: z.record(z.string(), outputSchema),
  params: z.array(z.string()),
  code: z.array(z.string()),
  after: z.array(z.string()),
  retries: z.number().int(),
  timeout_ms: z.number(),
  cache: z.boolean(),
  cache_ms: z.number().optional().describe('How old a result may be to be taken from the cache.'),
  uses: z.string().optional(),
  approve: z.string().optional(),
  if: z.string().optional(),
  foreach: z.object({ in: z.union([z.string(), z.array(jsonSchema)]), parallelism: z.number().int() }).optional(),
  always: z.boolean().optional(),
  on_cancel: z.boolean().optional(),
  pool: z.object({ name: z.string(), slots: z.number().int() }).optional(),
  priority: z.number().int().optional(),
  secrets: z.record(z.string(), z.string()).optional().describe('Names of secrets, by the variable that holds each.'),
});

const pipelineSchema = z.object({
  name: z.string(),
  experiment: z.string(),
  params: z.record(z.string(), z.string()).describe('Values unless a run says otherwise.'),
  parameters: z
    .record(
      z.string(),
      z.object({
        type: z.enum(['string', 'int', 'float', 'bool', 'json']),
        choices: z.array(z.string()).optional(),
        description: z.string().optional(),
      }),
    )
    .describe('What is known of parameters beyond a text.'),
  steps: z.array(stepSchema),
  digest: digestSchema.describe('Of the definition.'),
  root: z.string().describe("Folder of the project on the worker's machine."),
  updated_at: timeSchema,
});

function toSteps(spec: PipelineSpec): z.infer<typeof stepSchema>[] {
  return spec.steps.map(({ timeoutMs, cacheMs, onCancel, backoff: _backoff, resources: _resources, foreach, ...step }) => ({
    ...step,
    params: [...step.params],
    code: [...step.code],
    after: [...step.after],
    timeout_ms: timeoutMs,
    ...(cacheMs === undefined ? {} : { cache_ms: cacheMs }),
    ...(onCancel === undefined ? {} : { on_cancel: onCancel }),
    ...(foreach === undefined ? {} : { foreach: foreach as { in: string; parallelism: number } }),
  }));
}

function toPipeline({ spec, specDigest, root, updatedAt }: Pipeline): z.infer<typeof pipelineSchema> {
  const { name, experiment, params, parameters = {} } = spec;
  return {
    name,
    experiment,
    params,
    parameters: parameters as z.infer<typeof pipelineSchema>['parameters'],
    steps: toSteps(spec),
    digest: specDigest,
    root,
    updated_at: toTime(updatedAt),
  };
}

const named = z.object({ pipeline: nameSchema });

export function pipelineRoutes({ pipelines }: { readonly pipelines: PipelineService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/pipelines',
      operation: 'pipeline.list',
      summary: 'Lists pipelines.',
      query: pageQuery,
      response: pageOf(pipelineSchema),
      handle: async ({ query }) => pageFrom((await pipelines.list()).map(toPipeline), query, (pipeline) => pipeline.name),
    }),
    defineRoute({
      method: 'GET',
      path: '/pipelines/:pipeline',
      operation: 'pipeline.get',
      summary: 'Shows a pipeline.',
      params: named,
      response: pipelineSchema,
      handle: async ({ params }) => toPipeline(await pipelines.get(params.pipeline)),
    }),
  ];
}
