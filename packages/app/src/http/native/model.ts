import { toRefText } from '@pawl/core';
import type { ForcedEntry, Ids, Model, ModelVersion } from '@pawl/core';
import type { DatasetService, ModelService, RegistryService } from '@pawl/engine';
import { z } from 'zod';
import { manifestSchema, toManifest } from './dataset.ts';
import { fromRunInputs, runInputSchema, toRunInput } from './experiment.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { digestSchema, idSchema, pageOf, pageQuery, refSchema, timeSchema, toPageRequest, toTime, versionSchema } from './schema.ts';

export const stageSchema = z.enum(['None', 'Staging', 'Production', 'Archived']);

/** Any name that MLflow's clients may give. */
export const modelNameSchema = z
  .string()
  .regex(/^[^/:]{1,256}$/, 'use at most 256 characters, no "/" and no ":"')
  .describe('Name of a model: anything but "/" and ":".');
export const aliasNameSchema = z
  .string()
  .regex(/^[^/]{1,255}$/, 'use at most 255 characters and no "/"')
  .describe('A name that points at a version.');

const descriptionSchema = z.string().max(5_000_000);

const modelSchema = z.object({
  name: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  created_at: timeSchema,
  created_by: z.string(),
  updated_at: timeSchema,
});

const changeSchema = z.object({
  description: descriptionSchema.optional(),
  tags: z.record(z.string().min(1).max(250), z.string().max(100_000).nullable()).default({}).describe('Tags to set; null takes one away.'),
});

const deletedSchema = z.object({ deleted: z.literal(true) });

const aliasSchema = z.object({ alias: z.string(), version: z.number().int() });

export const forcedSchema = z.object({
  actor: z.string(),
  reason: z.string(),
  at: timeSchema,
  verdict: z.string().describe('What the gate said.'),
});

export function toForced(forced: ForcedEntry | null): z.infer<typeof forcedSchema> | null {
  return forced === null ? null : { ...forced, at: toTime(forced.at) };
}

export const modelVersionSchema = z
  .object({
    model: z.string(),
    version: z.number().int(),
    package: digestSchema.nullable().describe('Manifest of its files; null when they are not stored here.'),
    source: z.string().nullable().describe('URI it was registered from; null when its files were.'),
    location: z.string().nullable().describe('Where clients of MLflow load it from.'),
    logged_model: z.string().nullable(),
    run: z.string().nullable(),
    run_link: z.string(),
    task: z.string().nullable(),
    inputs: z.array(runInputSchema),
    evaluation: z.string().nullable().describe('Frozen data it is to be judged on.'),
    stage: stageSchema,
    description: z.string(),
    tags: z.record(z.string(), z.string()),
    created_at: timeSchema,
    created_by: z.string(),
    updated_at: timeSchema,
    forced: forcedSchema.nullable().describe('Who let it into Production although its gate had not said PASS.'),
    key: z.string(),
  })
  .meta({ id: 'ModelVersion' });

export function toModelVersion(version: ModelVersion): z.infer<typeof modelVersionSchema> {
  return {
    model: version.model,
    version: version.version,
    package: version.package,
    source: version.source,
    location: version.location,
    logged_model: version.loggedModel,
    run: version.run,
    run_link: version.runLink,
    task: version.task,
    inputs: version.inputs.map(toRunInput),
    evaluation: version.evaluation === null ? null : toRefText(version.evaluation),
    stage: version.stage,
    description: version.description,
    tags: version.tags,
    created_at: toTime(version.createdAt),
    created_by: version.createdBy,
    updated_at: toTime(version.updatedAt),
    forced: toForced(version.forced),
    key: version.key,
  };
}

const named = z.object({ model: modelNameSchema });
const versioned = named.extend({ version: aliasNameSchema.describe('A number, an alias or a stage.') });
const numbered = named.extend({ version: versionSchema });

export interface ModelPorts {
  readonly models: ModelService;
  readonly registry: RegistryService;
  readonly datasets: DatasetService;
  readonly ids: Ids;
}

export function modelRoutes({ models, registry, datasets, ids }: ModelPorts): readonly Route[] {
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
      method: 'DELETE',
      path: '/models/:model/aliases/:alias',
      operation: 'model.unalias',
      summary: 'Takes an alias away.',
      params: named.extend({ alias: aliasNameSchema }),
      response: deletedSchema,
      handle: async ({ params, actor }) => {
        await registry.removeAlias({ ...params, actor });
        return { deleted: true };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/models/:model',
      operation: 'model.change',
      summary: 'Changes the description and tags of a model; what is absent stays.',
      params: named,
      body: changeSchema,
      response: modelSchema,
      handle: async ({ params, body: { description, tags }, actor }) => {
        const name = params.model;
        for (const [key, value] of Object.entries(tags)) {
          await (value === null ? registry.deleteTag({ name, key, actor }) : registry.setTag({ name, key, value, actor }));
        }
        return toModel(description === undefined ? await models.get(name) : await registry.change({ name, description, actor }));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/models/:model/rename',
      operation: 'model.rename',
      summary: 'Gives a model another name; versions, tags and aliases follow. A governed model keeps its name.',
      params: named,
      body: z.object({ name: modelNameSchema }),
      response: modelSchema,
      handle: async ({ params, body, actor }) => toModel(await registry.rename({ name: params.model, to: body.name, actor })),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/models/:model',
      operation: 'model.delete',
      summary: 'Deletes a model with its versions, unless a gate or rollout governs it.',
      params: named,
      response: deletedSchema,
      handle: async ({ params, actor }) => {
        await registry.remove({ name: params.model, actor });
        return { deleted: true };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/models/:model/versions/:version',
      operation: 'model.change_version',
      summary: 'Changes the description and tags of a version; what is absent stays.',
      params: numbered,
      body: changeSchema,
      response: modelVersionSchema,
      handle: async ({ params, body: { description, tags }, actor }) => {
        for (const [key, value] of Object.entries(tags)) {
          await (value === null
            ? registry.deleteVersionTag({ ...params, key, actor })
            : registry.setVersionTag({ ...params, key, value, actor }));
        }
        return toModelVersion(
          description === undefined
            ? await registry.version(params.model, params.version)
            : await registry.changeVersion({ ...params, description, actor }),
        );
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/models/:model/versions/:version',
      operation: 'model.delete_version',
      summary: 'Deletes a version, unless an endpoint answers with it. Its number is not given again.',
      params: numbered,
      response: deletedSchema,
      handle: async ({ params, actor }) => {
        await registry.removeVersion({ ...params, actor });
        return { deleted: true };
      },
    }),
  ];
}

function toModel({ name, description, tags, createdAt, createdBy, updatedAt }: Model): z.infer<typeof modelSchema> {
  return { name, description, tags, created_at: toTime(createdAt), created_by: createdBy, updated_at: toTime(updatedAt) };
}

function toRef({ dataset, version }: { readonly dataset: string; readonly version: number }): {
  readonly dataset: string;
  readonly version: number;
} {
  return { dataset, version };
}
