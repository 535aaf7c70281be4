import type { Hash } from '../ports/digest.ts';
import { CONTEXT_TAG } from '../experiment/name.ts';
import type { ImportedLoggedModel, ImportedModelMetric, ImportedRun, Point } from './types.ts';

/**
 * What two stores must agree on to hold the same run: its record, and of each metric how many points there are and which. The order in which keys, tags and
 * metrics come does not matter; of one metric, points come in the order of `comparePoints`, each once.
 */
export interface SeriesDigest {
  readonly key: string;
  readonly count: number;
  readonly digest: string;
}

/** By step, time and value, in which NaN counts as 0 and comes after it: the order in which points are stored. */
export function comparePoints(a: Point, b: Point): number {
  return a[0] - b[0] || a[1] - b[1] || compareValues(a[2], b[2]);
}

function compareValues(a: number, b: number): number {
  const [x, y] = [Number.isNaN(a) ? 0 : a, Number.isNaN(b) ? 0 : b];
  // Infinity minus itself is NaN.
  if (x !== y) return x < y ? -1 : 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** Points in order, each once. */
export function toSeries(points: readonly Point[]): readonly Point[] {
  const sorted = points.toSorted(comparePoints);
  return sorted.filter((point, at) => at === 0 || comparePoints(point, sorted[at - 1] as Point) !== 0);
}

/** Hashed at once; a series of any length takes as much memory. */
const PIECE = 2000;

/** Takes the points of one metric in order and ends in their count and digest. */
export function createSeriesDigest(hash: Hash, key: string): { add(point: Point): void; end(): SeriesDigest } {
  let chain = '';
  let lines: string[] = [];
  let count = 0;
  const fold = (): void => {
    chain = hash(`${chain}\n${lines.join('\n')}`);
    lines = [];
  };
  return {
    add([step, time, value]) {
      // Zero has a sign that no store keeps.
      lines.push(`${step} ${time} ${value === 0 ? 0 : value}`);
      count += 1;
      if (lines.length === PIECE) fold();
    },
    end() {
      fold();
      return { key, count, digest: chain };
    },
  };
}

export function digestRun(hash: Hash, run: Omit<ImportedRun, 'artifactUri' | 'deletedAt'>, series: readonly SeriesDigest[]): string {
  const { id, experiment, name, status, user, startedAt, endedAt, lifecycle, code, environment, params, tags } = run;
  return hash(
    JSON.stringify([
      [id, experiment, name, status, user, startedAt, endedAt, lifecycle],
      code === null ? null : [code.commit, code.branch, code.patch],
      ...[environment, params, tags].map(sortTexts),
      sorted(run.inputs.map(({ dataset, version, role }) => [dataset, version, role])),
      sorted(
        run.datasets.map(({ name: data, digest, sourceType, source, schema, profile, tags: own }) => [
          [data, digest, own[CONTEXT_TAG] ?? ''],
          [sourceType, source, schema, profile],
          sortTexts(own),
        ]),
      ),
      [...run.modelInputs].toSorted(),
      sorted(run.modelOutputs.map(({ model, step }) => [model, step])),
      sorted(series.map(({ key, count, digest }) => [key, count, digest])),
    ]),
  );
}

function sortTexts(texts: Readonly<Record<string, string>>): readonly unknown[] {
  return sorted(Object.entries(texts));
}

function sorted(items: readonly unknown[]): readonly unknown[] {
  const texts = items.map((item) => JSON.stringify(item));
  return texts.toSorted();
}

/** Which files there are and how large, without what is in them. */
export function digestListing(hash: Hash, files: readonly { readonly path: string; readonly size: number }[]): string {
  return hash(JSON.stringify(sorted(files.map(({ path, size }) => [path, size]))));
}

/** What two stores must agree on to hold the same logged model, metrics in any order. */
export function digestLoggedModel(
  hash: Hash,
  model: Omit<ImportedLoggedModel, 'deletedAt'>,
  metrics: readonly ImportedModelMetric[],
): string {
  const { id, experiment, name, type, status, run, createdAt, updatedAt, params, tags } = model;
  const values = metrics.map(({ run: by, key, value, step, time, dataset }) =>
    JSON.stringify([by, key, String(value === 0 ? 0 : value), step, time, dataset?.name ?? '', dataset?.digest ?? '']),
  );
  return hash(
    JSON.stringify([
      [id, experiment, name, type, status, run, createdAt, updatedAt],
      sortTexts(params),
      sortTexts(tags),
      [...new Set(values)].toSorted(),
    ]),
  );
}
