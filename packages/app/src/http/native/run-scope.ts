import { parseFilter, runSearch } from '@pawl/core';
import type { Lifecycle, RunSearch } from '@pawl/core';
import type { FolderService } from '@pawl/engine';
import { z } from 'zod';
import { folderSchema, whichExperiment } from './experiment-folder.ts';

/** Which runs a request is about: the members of its body. */
export const scopeShape = {
  experiments: z
    .array(whichExperiment)
    .min(1)
    .max(1000)
    .optional()
    .describe('By number, name, or folder and name; with no folder either, all that there are.'),
  folder: folderSchema.optional().describe('The experiments in this folder and below, besides those named.'),
  filter: z.string().max(100_000).default('').describe("Such as `metrics.f1 > 0.9 AND (params.kind = 'a' OR tags.note IS NULL)`."),
  lifecycle: z.enum(['active', 'deleted', 'all']).default('active'),
};

interface Scope {
  readonly experiments?: readonly string[] | undefined;
  readonly folder?: string | undefined;
  readonly filter: string;
  readonly lifecycle: Lifecycle | 'all';
}

/** Throws `experiment_not_found`, `folder_invalid`, `search_filter_invalid`. */
export async function toScope(
  folders: FolderService,
  { experiments, folder, filter, lifecycle }: Scope,
): Promise<Pick<RunSearch, 'experiments' | 'filter' | 'lifecycle'>> {
  const named = {
    ...(experiments === undefined ? {} : { experiments }),
    ...(folder === undefined ? {} : { folder }),
    deleted: lifecycle !== 'active',
  };
  return {
    experiments: await folders.scope(named),
    filter: parseFilter(runSearch, filter),
    ...(lifecycle === 'all' ? {} : { lifecycle }),
  };
}
