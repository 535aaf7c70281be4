import { toRefText } from '@pawl/core';
import type { DatasetVersion, Digest, ManifestEntry } from '@pawl/core';
import type { CheckService, DatasetService } from '@pawl/engine';
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
  status: z.enum(['unchecked', 'accepted', 'rejected']),
  task: z.string().nullable(),
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
    status: version.status,
    task: version.task,
  };
}

export function toManifest(manifest: z.infer<typeof manifestSchema>): { readonly entries: readonly ManifestEntry[] } {
  return { entries: manifest.entries.map((entry) => ({ ...entry, digest: entry.digest as Digest })) };
}

const named = z.object({ dataset: nameSchema });
const versioned = z.object({
  dataset: nameSchema,
  version: z.union([versionSchema, z.literal('latest')]).describe('A number, or `latest`.'),
});
const datasetSchema = z.object({ name: z.string(), created_at: timeSchema });

export function datasetRoutes({
  datasets,
  checks,
}: {
  readonly datasets: DatasetService;
  readonly checks: CheckService;
}): readonly Route[] {
  const resolve = ({ dataset, version }: z.infer<typeof versioned>) =>
    datasets.resolve(version === 'latest' ? dataset : `${dataset}:${version}`);
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
      query: pageQuery,
      response: pageOf(datasetVersionSchema),
      handle: async ({ params, query }) => {
        await datasets.get(params.dataset);
        const page = await datasets.versions(params.dataset, toPageRequest(query));
        return { ...page, items: page.items.map(toDatasetVersion) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/datasets/:dataset/versions',
      operation: 'dataset.add',
      summary: 'Adds a version of files whose content is stored already. The same files as the latest version give that version back.',
      params: named,
      body: z.object({ manifest: manifestSchema, message: z.string().max(10_000).default('') }),
      response: z.object({ created: z.boolean(), version: datasetVersionSchema }),
      bodyLimit: 256 * 1024 * 1024,
      handle: async ({ params, body, actor }) => {
        const { version, created } = await datasets.add({
          dataset: params.dataset,
          manifest: toManifest(body.manifest),
          message: body.message,
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
      params: versioned,
      response: datasetVersionSchema,
      handle: async ({ params }) => toDatasetVersion(await resolve(params)),
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/manifest',
      operation: 'dataset.manifest',
      summary: 'Lists the files of a version.',
      params: versioned,
      response: manifestSchema,
      handle: async ({ params }) => datasets.manifest(await resolve(params)),
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/checks',
      operation: 'dataset.checks',
      summary: 'Lists the verdicts of check suites on a version, oldest first.',
      params: versioned,
      query: pageQuery,
      response: pageOf(checkResultSchema),
      handle: async ({ params, query }) =>
        pageFrom((await checks.results(await resolve(params))).map(toCheck), query, (result) => result.id),
    }),
  ];
}
