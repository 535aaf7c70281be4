import type { DvcService } from '@pawl/engine';
import { z } from 'zod';
import { nameSchema } from '../../schema/name.ts';
import { datasetVersionSchema, toDatasetVersion } from './dataset.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { versionSchema } from './schema.ts';

const nameOfObject = z
  .string()
  .regex(/^[0-9a-f]{32}(\.dir)?$/)
  .describe('MD5 in 32 hex digits, with `.dir` behind it for a directory.');
const named = z.object({ dataset: nameSchema });
const versioned = z.object({ dataset: nameSchema, version: versionSchema });
const legacySchema = z.boolean().default(false).describe('Named by DVC 2, whose MD5 of a text is that of its Unix lines.');

/** What the bridge to DVC needs besides the remote at /dvc/<dataset>. */
export function dvcRoutes({ dvc }: { readonly dvc: DvcService }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/dvc/missing',
      operation: 'dvc.missing',
      summary: 'Tells which DVC objects are not stored for a dataset.',
      params: named,
      body: z.object({ names: z.array(nameOfObject).max(100_000), legacy: legacySchema }),
      bodyLimit: 16 * 1024 * 1024,
      response: z.object({ missing: z.array(nameOfObject) }),
      handle: async ({ params, body }) => ({ missing: await dvc.missing(params.dataset, body.names, body.legacy) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/dvc/adopt',
      operation: 'dvc.adopt',
      summary: 'Makes a version out of a DVC object that is stored: the files of a directory, or one file.',
      params: named,
      body: z.object({
        name: nameOfObject,
        legacy: legacySchema,
        path: z.string().min(1).max(1024).describe('What a single file is called in the version.'),
        message: z.string().max(10_000).default(''),
      }),
      response: z.object({ created: z.boolean(), version: datasetVersionSchema }),
      handle: async ({ params, body, actor }) => {
        const { name, legacy, path, message } = body;
        const { version, created } = await dvc.adopt({ dataset: params.dataset, name, legacy }, { path, message, actor });
        return { created, version: toDatasetVersion(version) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/versions/:version/dvc',
      operation: 'dvc.publish',
      summary: 'Names the files of a version as DVC does, so that DVC can pull them from /dvc/<dataset>.',
      params: versioned,
      response: z.object({
        md5: nameOfObject.describe('Of the version as a directory.'),
        size: z.number().int(),
        files: z.array(z.object({ path: z.string(), md5: nameOfObject, size: z.number().int(), mode: z.number().int() })),
      }),
      handle: async ({ params, actor }) => {
        const { output, files } = await dvc.publish(params, actor);
        return { md5: output.md5, size: output.size, files };
      },
    }),
  ];
}
