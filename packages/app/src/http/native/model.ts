import { toRefText } from '@pawl/core';
import type { Ids, Model, ModelVersion } from '@pawl/core';
import type { DatasetService, ModelService } from '@pawl/engine';
import { z } from 'zod';
import { manifestSchema, toManifest } from './dataset.ts';
import { fromRunInputs, runInputSchema, toRunInput } from './experiment.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import {
  digestSchema,
  idSchema,
  nameSchema,
  pageOf,
  pageQuery,
  refSchema,
  timeSchema,
  toPageRequest,
  toTime,
  versionSchema,
} from './schema.ts';

const stageSchema = z.enum(['None', 'Staging', 'Production', 'Archived']);

const modelSchema = z.object({ name: z.string(), created_at: timeSchema });

const aliasSchema = z.object({ alias: z.string(), version: z.number().int() });

export const modelVersionSchema = z
  .object({
    model: z.string(),
    version: z.number().int(),
    package: digestSchema.nullable().describe('Manifest of its files; null when they are not stored here.'),
    run: z.string().nullable(),
    task: z.string().nullable(),
    inputs: z.array(runInputSchema),
    evaluation: z.string().nullable().describe('Frozen data it is to be judged on.'),
    stage: stageSchema,
    description: z.string(),
    created_at: timeSchema,
    created_by: z.string(),
    key: z.string(),
  })
  .meta({ id: 'ModelVersion' });

export function toModelVersion(version: ModelVersion): z.infer<typeof modelVersionSchema> {
  return {
    model: version.model,
    version: version.version,
    package: version.package,
    run: version.run,
    task: version.task,
    inputs: version.inputs.map(toRunInput),
    evaluation: version.evaluation === null ? null : toRefText(version.evaluation),
    stage: version.stage,
    description: version.description,
    created_at: toTime(version.createdAt),
    created_by: version.createdBy,
    key: version.key,
  };
}

const named = z.object({ model: nameSchema });
const versioned = named.extend({ version: nameSchema.describe('A number, an alias or a stage.') });

export interface ModelPorts {
  readonly models: ModelService;
  readonly datasets: DatasetService;
  readonly ids: Ids;
}

export function modelRoutes({ models, datasets, ids }: ModelPorts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/models',
      operation: 'model.list',
      summary: 'Lists models.',
      query: pageQuery,
      response: pageOf(modelSchema),
      handle: async ({ query }) => {
        const page = await models.list(toPageRequest(query));
        return { ...page, items: page.items.map(toModel) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/models/:model',
      operation: 'model.get',
      summary: 'Shows a model and its aliases.',
      params: named,
      response: modelSchema.extend({ aliases: z.array(aliasSchema) }),
      handle: async ({ params }) => {
        const model = await models.get(params.model);
        return { ...toModel(model), aliases: (await models.aliases(params.model)).map(({ alias, version }) => ({ alias, version })) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/models/:model/versions',
      operation: 'model.versions',
      summary: 'Lists the versions of a model, newest first.',
      params: named,
      query: pageQuery.extend({ stage: stageSchema.optional() }),
      response: pageOf(modelVersionSchema),
      handle: async ({ params, query }) => {
        const page = await models.versions(params.model, query.stage, toPageRequest(query));
        return { ...page, items: page.items.map(toModelVersion) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/models/:model/versions',
      operation: 'model.register',
      summary: 'Registers a version whose files are stored already: an MLflow model directory. The same key gives the same version.',
      params: named,
      body: z.object({
        manifest: manifestSchema,
        run: idSchema.nullable().default(null),
        task: z.string().max(250).nullable().default(null),
        inputs: z.array(runInputSchema).max(1000).default([]).describe('Data it was trained on.'),
        evaluation: refSchema.nullable().default(null).describe('Frozen data it is to be judged on.'),
        description: z.string().max(10_000).default(''),
        key: z.string().min(1).max(250).optional().describe('Absent: each request registers a version of its own.'),
      }),
      response: z.object({ created: z.boolean(), version: modelVersionSchema }),
      bodyLimit: 256 * 1024 * 1024,
      handle: async ({ params, body, actor }) => {
        const { version, created } = await models.register({
          model: params.model,
          manifest: toManifest(body.manifest),
          run: body.run,
          task: body.task,
          inputs: await fromRunInputs(datasets, body.inputs),
          evaluation: body.evaluation === null ? null : toRef(await datasets.resolve(body.evaluation)),
          description: body.description,
          key: body.key ?? ids.next(),
          actor,
        });
        return { created, version: toModelVersion(version) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/models/:model/versions/:version',
      operation: 'model.version',
      summary: 'Shows one version, by number, alias or stage.',
      params: versioned,
      response: modelVersionSchema,
      handle: async ({ params }) => toModelVersion(await models.version(params.model, params.version)),
    }),
    defineRoute({
      method: 'PUT',
      path: '/models/:model/aliases/:alias',
      operation: 'model.alias',
      summary: 'Points an alias at a version.',
      params: named.extend({ alias: nameSchema }),
      body: z.object({ version: versionSchema }),
      response: aliasSchema,
      handle: async ({ params, body, actor }) => {
        await models.setAlias({ ...params, version: body.version, actor });
        return { alias: params.alias, version: body.version };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/models/:model/versions/:version/stage',
      operation: 'model.stage',
      summary: 'Moves a version to a stage. Production takes only what its gate let through; whatever was there is archived.',
      params: versioned,
      body: z.object({ stage: stageSchema, reason: z.string().max(10_000).default('') }),
      response: modelVersionSchema,
      handle: async ({ params, body, actor }) => {
        const { model, version } = await models.version(params.model, params.version);
        return toModelVersion(await models.moveToStage({ model, version, ...body, actor }));
      },
    }),
  ];
}

function toModel({ name, createdAt }: Model): z.infer<typeof modelSchema> {
  return { name, created_at: toTime(createdAt) };
}

function toRef({ dataset, version }: { readonly dataset: string; readonly version: number }): {
  readonly dataset: string;
  readonly version: number;
} {
  return { dataset, version };
}
