import { createSeriesDigest, digestListing, digestLoggedModel, digestRun } from '@pawl/core';
import type { Hash, ImportedModelMetric, Readers, RunPoint, SeriesDigest } from '@pawl/core';

export interface RecordDigest {
  readonly digest: string;
  readonly points: number;
  /** Of the paths and sizes of its files. */
  readonly listing: string;
}

const PAGE = 10_000;

/** What the runs hold, as the sender of an import computes it too. */
export async function digestRuns(read: Readers, hash: Hash, ids: readonly string[]): Promise<ReadonlyMap<string, RecordDigest>> {
  const series = await digestPoints(read, hash, ids);
  const found = new Map<string, RecordDigest>();
  for (const id of ids) {
    const detail = await read.runs.detail(id);
    if (detail === undefined) continue;
    const { run, datasets, modelInputs, modelOutputs } = detail;
    const own = series.get(id) ?? [];
    const whole = { ...run, inputs: await read.runs.inputs(id), datasets, modelInputs, modelOutputs };
    const listing = digestListing(hash, await read.runs.artifacts(id));
    found.set(id, { digest: digestRun(hash, whole, own), points: own.reduce((sum, { count }) => sum + count, 0), listing });
  }
  return found;
}

async function digestPoints(read: Readers, hash: Hash, runs: readonly string[]): Promise<ReadonlyMap<string, readonly SeriesDigest[]>> {
  const found = new Map<string, SeriesDigest[]>();
  let open: { readonly run: string; readonly key: string; readonly digest: ReturnType<typeof createSeriesDigest> } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const own = found.get(open.run) ?? [];
    own.push(open.digest.end());
    found.set(open.run, own);
  };
  let after: RunPoint | undefined;
  do {
    const page = await read.imports.points(runs, PAGE, after);
    for (const { run, key, point } of page) {
      if (open?.run !== run || open.key !== key) {
        close();
        open = { run, key, digest: createSeriesDigest(hash, key) };
      }
      open.digest.add(point);
    }
    after = page.length === PAGE ? page.at(-1) : undefined;
  } while (after !== undefined);
  close();
  return found;
}

export async function digestLoggedModels(read: Readers, hash: Hash, ids: readonly string[]): Promise<ReadonlyMap<string, RecordDigest>> {
  const metrics = Map.groupBy(await read.loggedModels.metrics(ids), ({ model }) => model);
  const found = new Map<string, RecordDigest>();
  for (const id of ids) {
    const model = await read.loggedModels.get(id, 'also deleted');
    if (model === undefined) continue;
    const own: readonly ImportedModelMetric[] = metrics.get(id) ?? [];
    const listing = digestListing(hash, await read.artifacts.below({ tree: `model/${id}`, path: '' }));
    found.set(id, { digest: digestLoggedModel(hash, model, own), points: own.length, listing });
  }
  return found;
}
