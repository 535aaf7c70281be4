import { toRefText } from '@pawl/core';
import type { DatasetVersion, Digest, ManifestEntry, VersionSource } from '@pawl/core';
import type { CheckService, DatasetService, NewVersion } from '@pawl/engine';
import { z } from 'zod';
import { toCheck, checkResultSchema } from './check.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { digestSchema, pageFrom, pageOf, pageQuery, timeSchema, toPageRequest, toTime, versionSchema } from './schema.ts';

const entrySchema = z.object({
  path: z.string().min(1).max(1024),
  digest: digestSchema,
  size: z.number().int().min(0),
  mode: z.number().int().min(0).max(0o7777),
});

export const manifestSchema = z.object({ entries: z.array(entrySchema).min(1).max(1_000_000) });

const tableSchema = z.object({
  folder: z.string(),
  format: z.enum(['parquet', 'csv', 'json']),
  files: z.number().int(),
  rows: z.number().int(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
});

const sourceSchema = z.union([
  z.object({ kind: z.literal('url'), url: z.string().max(4096), etag: z.string().max(1024).nullable(), digest: digestSchema }),
  z.object({
    kind: z.literal('query'),
    sql: z.string().max(100_000),
    inputs: z.array(z.object({ dataset: z.string(), version: z.number().int(), as: z.string().max(64).optional() })).max(1000),
    source: z
      .string()
      .max(4096)
      .regex(/^(?!.*:\/\/[^/]*@)/, 'name no user and no password')
      .optional()
      .describe('The database or files that were asked.'),
  }),
]);

export const datasetVersionSchema = z.object({
  dataset: z.string(),
  version: z.number().int(),
  ref: z.string().describe('`name:version`'),
  manifest: digestSchema,
  files: z.number().int(),
  bytes: z.number().int(),
  tables: z.array(tableSchema),
  message: z.string(),
  author: z.string(),
  created_at: timeSchema,
  parent: z.number().int().nullable(),
  branch: z.string(),
  merged_from: z.number().int().nullable().describe('The version whose branch was merged.'),
  source: sourceSchema.meta({ id: 'VersionSource' }).nullable().describe('Where its files came from, when nobody sent a folder.'),
  status: z.enum(['unchecked', 'accepted', 'rejected']),
  task: z.string().nullable(),
  expired_at: timeSchema.nullable().describe('When its content was given up.'),
});

export function toDatasetVersion(version: DatasetVersion): z.infer<typeof datasetVersionSchema> {
  return {
    dataset: version.dataset,
    version: version.version,
    ref: toRefText(version),
    manifest: version.manifest,
    files: version.files,
    bytes: version.bytes,
    tables: version.tables.map((table) => ({ ...table, columns: table.columns.map((column) => ({ ...column })) })),
    message: version.message,
    author: version.author,
    created_at: toTime(version.createdAt),
    parent: version.parent,
    branch: version.branch,
    merged_from: version.mergedFrom,
    source: toSource(version.source),
    status: version.status,
    task: version.task,
    expired_at: toTime(version.expiredAt),
  };
}

function toSource(source: DatasetVersion['source']): z.infer<typeof datasetVersionSchema>['source'] {
  return source?.kind === 'query' ? { ...source, inputs: source.inputs.map((input) => ({ ...input })) } : source;
}

export function toManifest(manifest: z.infer<typeof manifestSchema>): { readonly entries: readonly ManifestEntry[] } {
  return { entries: manifest.entries.map((entry) => ({ ...entry, digest: entry.digest as Digest })) };
}

function toNewManifest(body: {
  readonly manifest?: z.infer<typeof manifestSchema> | undefined;
  readonly manifest_digest?: string | undefined;
  readonly changes?: z.infer<typeof changesSchema> | undefined;
}): NewVersion['manifest'] {
  if (body.changes !== undefined) {
    const { put, digest, ...changes } = body.changes;
    return { ...changes, put: toManifest({ entries: put }).entries, ...(digest === undefined ? {} : { digest: digest as Digest }) };
  }
  return body.manifest === undefined ? (body.manifest_digest as Digest) : toManifest(body.manifest);
}

const named = z.object({ dataset: nameSchema });
export const labelSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'start with a letter; letters, digits, dot, dash and underscore may follow, 64 at most')
  .describe('The name of a tag or branch.');
export const versionedParams = z.object({
  dataset: nameSchema,
  version: z.union([versionSchema, labelSchema]).describe('A number, the name of a tag or branch, or `latest`.'),
});
const pathSchema = z.string().max(1024);
const changesSchema = z.object({
  base: versionSchema,
  put: z.array(entrySchema).max(1_000_000),
  remove: z.array(pathSchema).max(1_000_000),
  digest: digestSchema.optional().describe('Of the manifest that results; another one is refused.'),
});
const datasetSchema = z.object({ name: z.string(), created_at: timeSchema });

export function datasetRoutes({
  datasets,
  checks,
}: {
  readonly datasets: DatasetService;
  readonly checks: CheckService;
}): readonly Route[] {
  const resolve = ({ dataset, version }: z.infer<typeof versionedParams>) => datasets.resolve(`${dataset}:${version}`);
  return [
    defineRoute({
      method: 'GET',
      path: '/datasets',
      operation: 'dataset.list',
      summary: 'Lists datasets.',
      query: pageQuery,
      response: pageOf(datasetSchema),
      handle: async ({ query }) => {
        const page = await datasets.list(toPageRequest(query));
        return { ...page, items: page.items.map((one) => ({ name: one.name, created_at: toTime(one.createdAt) })) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions',
      operation: 'dataset.versions',
      summary: 'Lists the versions of a dataset, newest first.',
      params: named,
      query: pageQuery.extend({ branch: labelSchema.optional().describe('Only those of this branch.') }),
      response: pageOf(datasetVersionSchema),
      handle: async ({ params, query }) => {
        await datasets.get(params.dataset);
        const page = await datasets.versions(params.dataset, toPageRequest(query), query.branch);
        return { ...page, items: page.items.map(toDatasetVersion) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/versions',
      operation: 'dataset.add',
      summary: 'Adds a version of files whose content is stored already. The same files as the latest version give that version back.',
      params: named,
      body: z
        .object({
          manifest: manifestSchema.optional().describe('All files; for many it is faster to send one of the two others.'),
          manifest_digest: digestSchema.optional().describe('A manifest that is stored already, in its canonical form.'),
          changes: changesSchema.optional().describe('What differs from a version of the dataset.'),
          message: z.string().max(10_000).default(''),
          branch: labelSchema.optional().describe('The main one when it is not named.'),
          source: sourceSchema.optional().describe('Where the files came from.'),
        })
        .refine((body) => [body.manifest, body.manifest_digest, body.changes].filter((one) => one !== undefined).length === 1, {
          message: 'name just one of manifest, manifest_digest and changes',
        }),
      response: z.object({ created: z.boolean(), version: datasetVersionSchema }),
      bodyLimit: 256 * 1024 * 1024,
      handle: async ({ params, body, actor }) => {
        const { version, created } = await datasets.add({
          dataset: params.dataset,
          manifest: toNewManifest(body),
          message: body.message,
          ...(body.branch === undefined ? {} : { branch: body.branch }),
          ...(body.source === undefined ? {} : { source: body.source as VersionSource }),
          actor,
          task: null,
        });
        return { created, version: toDatasetVersion(version) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version',
      operation: 'dataset.version',
      summary: 'Shows one version.',
      params: versionedParams,
      response: datasetVersionSchema,
      handle: async ({ params }) => toDatasetVersion(await resolve(params)),
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/manifest',
      operation: 'dataset.manifest',
      summary: 'Lists the files of a version.',
      params: versionedParams,
      response: manifestSchema,
      handle: async ({ params }) => datasets.manifest(await resolve(params)),
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/files',
      operation: 'dataset.files',
      summary: 'Lists the files of a version, by path; those at a path and below it when one is named.',
      params: versionedParams,
      query: pageQuery.extend({ under: pathSchema.default('') }),
      response: pageOf(entrySchema),
      handle: async ({ params, query }) => pageFrom(await datasets.files(await resolve(params), query.under), query, ({ path }) => path),
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/checks',
      operation: 'dataset.checks',
      summary: 'Lists the verdicts of check suites on a version, oldest first.',
      params: versionedParams,
      query: pageQuery,
      response: pageOf(checkResultSchema),
      handle: async ({ params, query }) =>
        pageFrom((await checks.results(await resolve(params))).map(toCheck), query, (result) => result.id),
    }),
  ];
}
