import { fault, parseLoggedModelFilter, toProxyPath } from '@pawl/core';
import type { Hash, ImportedSeries, Page, Point, Readers, Run, RunPoint } from '@pawl/core';
import { digestRuns } from './digests.ts';
import type { WholeRun } from './service.ts';

/** A run saves a few models. */
const MOST_MODELS = 1000;

export async function readWhole(read: Readers, hash: Hash, id: string): Promise<WholeRun> {
  const detail = await read.runs.detail(id);
  const found = detail && (await read.experiments.get(detail.run.experiment));
  const sum = (await digestRuns(read, hash, [id])).get(id);
  if (detail === undefined || found === undefined || sum === undefined) throw fault('run_not_found', { id });
  const { run, datasets, modelInputs, modelOutputs } = detail;
  const { id: number, name, artifactLocation, lifecycle, createdAt, updatedAt, tags } = found;
  return {
    run: {
      ...run,
      // What this server keeps, another will keep below a root of its own.
      artifactUri: toProxyPath(run.artifactUri) === null ? run.artifactUri : null,
      datasets,
      modelInputs,
      modelOutputs,
      inputs: await read.runs.inputs(id),
      deletedAt: await read.imports.deletedAt(id),
    },
    experiment: { id: String(number), name, artifactLocation, lifecycle, createdAt, updatedAt, tags },
    files: (await read.runs.artifacts(id)).map(({ path, digest, size }) => ({ path, digest, size })),
    loggedModels: await readLoggedModels(read, run),
    digest: sum.digest,
    points: sum.points,
  };
}

async function readLoggedModels(read: Readers, { id, experiment }: Run): Promise<WholeRun['loggedModels']> {
  const request = { experiments: [experiment], filter: parseLoggedModelFilter(`source_run_id = '${id}'`), orders: [], datasets: [] };
  const { items } = await read.loggedModels.search({ ...request, limit: MOST_MODELS });
  const metrics = Map.groupBy(await read.loggedModels.metrics(items.map((model) => model.id)), ({ model }) => model);
  return Promise.all(
    items.map(async (model) => ({
      model: { ...model, deletedAt: null },
      metrics: (metrics.get(model.id) ?? []).map(({ run, key, value, step, time, dataset }) => ({ run, key, value, step, time, dataset })),
      files: (await read.artifacts.below({ tree: `model/${model.id}`, path: '' })).map(({ path, digest, size }) => ({
        path,
        digest,
        size,
      })),
    })),
  );
}

/** The cursor is the last point of the page before, as JSON. */
export async function readPoints(read: Readers, run: string, limit: number, after: string | undefined): Promise<Page<ImportedSeries>> {
  if ((await read.runs.head(run)) === undefined) throw fault('run_not_found', { id: run });
  const rows = await read.imports.points([run], limit, after === undefined ? undefined : fromCursor(run, after));
  const series = [...Map.groupBy(rows, ({ key }) => key)].map(([key, own]) => ({ key, points: own.map(({ point }) => point) }));
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? { items: series } : { items: series, next: toCursor(last) };
}

function toCursor({ key, point: [step, time, value] }: RunPoint): string {
  return JSON.stringify([key, step, time, String(value)]);
}

function fromCursor(run: string, cursor: string): RunPoint {
  const [key, step, time, value] = parse(cursor);
  const valid = typeof key === 'string' && Number.isSafeInteger(step) && Number.isSafeInteger(time) && typeof value === 'string';
  if (!valid) throw fault('invalid_cursor', { cursor });
  return { run, key, point: [step, time, Number(value)] as Point };
}

function parse(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}
