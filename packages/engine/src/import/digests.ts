import { createSeriesDigest, digestLoggedModel, digestRun } from '@pawl/core';
import type { Hash, ImportedModelMetric, Readers, RunPoint, SeriesDigest } from '@pawl/core';

export interface RecordDigest {
  readonly digest: string;
  readonly points: number;
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
    found.set(id, { digest: digestRun(hash, whole, own), points: own.reduce((sum, { count }) => sum + count, 0) });
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
    found.set(id, { digest: digestLoggedModel(hash, model, own), points: own.length });
  }
  return found;
}
