import { bucketsFor, cutByTime, cutEvenly, fault, gridSteps, toSampled } from '@pawl/core';
import type { Database, OddPlace, SeriesBucket, SeriesCut, SeriesPoint, SeriesReader, StepRange } from '@pawl/core';

export interface SeriesRequest {
  readonly runs: readonly string[];
  /** All keys of each run when absent. */
  readonly keys?: readonly string[];
  /** Most finite points of a series; one that has no more comes whole. */
  readonly points: number;
  /** What it is spread evenly over. */
  readonly over: 'step' | 'time';
  readonly range?: Partial<StepRange>;
}

export interface Series {
  readonly run: string;
  /** Epoch ms, for times that count from it. */
  readonly startedAt: number;
  readonly key: string;
  /** Points there are within the range. */
  readonly count: number;
  readonly points: readonly SeriesPoint[];
}

/** Series of metrics as plots need them: short, and with every extreme. */
export interface SeriesService {
  /** By run as asked, then key; without those that have no point. Throws `run_not_found`, and `too_large` for more than 400 series or a million points. */
  sample(request: SeriesRequest): Promise<readonly Series[]>;
}

const MOST_SERIES = 400;
const MOST_POINTS = 1_000_000;

/** For each bucket, steps at which the time is looked up: enough that buckets differ little in how long they take. */
const GRID_PER_BUCKET = 8;
const MOST_GRID = 8192;

export function createSeriesService({ database }: { readonly database: Database }): SeriesService {
  const { read } = database;

  async function sampleOne(
    run: string,
    key: string,
    { points, over, range = {} }: SeriesRequest,
  ): Promise<Pick<Series, 'count' | 'points'>> {
    const { from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER } = range;
    const all = await read.series.points(run, key, { from, to }, points + 1);
    if (all.length <= points) return { count: all.length, points: all };
    const last = await read.series.last(run, key, { from, to });
    const [first] = all;
    if (first === undefined || last === undefined) return { count: 0, points: [] };
    const cut = await toCut(read.series, run, key, { first, last, buckets: bucketsFor(points), over });
    const buckets = await read.series.buckets(run, key, cut);
    const places = toOdd(buckets, cut);
    const odd = places.length === 0 ? [] : await read.series.odd(run, key, cut, places);
    return { count: buckets.reduce((sum, { count }) => sum + count, 0), points: toSampled(buckets, odd) };
  }

  return {
    async sample(request) {
      const { keys, points } = request;
      const wanted: { run: string; startedAt: number; key: string }[] = [];
      for (const run of new Set(request.runs)) {
        const head = await read.runs.head(run);
        if (head === undefined) throw fault('run_not_found', { id: run });
        const own = keys ?? (await read.series.extremes([run])).map(({ key }) => key);
        for (const key of new Set(own)) wanted.push({ run, startedAt: head.startedAt, key });
      }
      if (wanted.length > MOST_SERIES || wanted.length * points > MOST_POINTS) {
        throw fault('invalid_input', {
          where: 'the series asked for',
          problem: `${wanted.length} series of ${points} points are more than ${MOST_SERIES} series or a million points; ask for fewer runs, metrics or points.`,
        });
      }
      const found: Series[] = [];
      // One after the other: each is one range of an index, and side by side they would only wait for each other.
      for (const { run, startedAt, key } of wanted) {
        const sampled = await sampleOne(run, key, request);
        if (sampled.count > 0) found.push({ run, startedAt, key, ...sampled });
      }
      return found;
    },
  };
}

async function toCut(
  series: SeriesReader,
  run: string,
  key: string,
  {
    first,
    last,
    buckets,
    over,
  }: { readonly first: SeriesPoint; readonly last: SeriesPoint; readonly buckets: number; readonly over: 'step' | 'time' },
): Promise<SeriesCut> {
  if (over === 'step' || first.step === last.step) return cutEvenly(first, last, buckets);
  const steps = gridSteps(first, last, Math.min(MOST_GRID, buckets * GRID_PER_BUCKET));
  return cutByTime(first, last, await series.times(run, key, steps), buckets);
}

function toOdd(buckets: readonly SeriesBucket[], { bounds }: SeriesCut): readonly OddPlace[] {
  const kinds = ['nan', 'up', 'down'] as const;
  return buckets.flatMap((bucket, at) =>
    kinds.filter((kind) => bucket[kind] > 0).map((kind) => ({ from: bounds[at] as number, to: bounds[at + 1] as number, kind })),
  );
}
