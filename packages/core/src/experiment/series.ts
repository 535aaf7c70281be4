/**
 * Down-sampling of long series by M4 (Jugel, Jerzak, Hackenbroich, Markl: M4: A Visualization-Oriented Time Series Data Aggregation, PVLDB 7(10), 2014):
 * of each bucket its first, last, least and greatest point. A line through them, drawn so that a bucket is a pixel wide, is the line through all points;
 * no extreme of any bucket is lost. What is no finite number has no place on that line, and is kept besides: the first and last of each kind in each bucket.
 */
export interface SeriesPoint {
  readonly step: number;
  readonly time: number;
  readonly value: number;
}

/** Points of one bucket: a range of steps, or of times where all points are at one step. */
export interface SeriesBucket {
  readonly count: number;
  readonly first: SeriesPoint | null;
  readonly last: SeriesPoint | null;
  /** Of the values that are finite. */
  readonly least: SeriesPoint | null;
  readonly greatest: SeriesPoint | null;
  /** How many values are not a number, and infinite. */
  readonly nan: number;
  readonly up: number;
  readonly down: number;
}

/** How a series is cut: bucket `n` goes from `bounds[n]` up to, not with, `bounds[n + 1]`. */
export interface SeriesCut {
  readonly by: 'step' | 'time';
  /** The one step of all points, where the cut is by time. */
  readonly step: number;
  readonly bounds: readonly number[];
}

const PER_BUCKET = 4;

/** How many buckets give at most so many finite points. */
export function bucketsFor(points: number): number {
  return Math.max(1, Math.floor(points / PER_BUCKET));
}

/** Cuts between the first and the last point into buckets of one width. */
export function cutEvenly(first: SeriesPoint, last: SeriesPoint, buckets: number): SeriesCut {
  const by = first.step === last.step ? 'time' : 'step';
  return { by, step: first.step, bounds: evenBounds(first[by], last[by], buckets) };
}

/** Whole numbers from `from` to beyond `to`, of which none comes twice. */
function evenBounds(from: number, to: number, buckets: number): readonly number[] {
  const width = (to - from + 1) / buckets;
  const bounds = Array.from({ length: buckets }, (_, at) => Math.floor(from + at * width));
  return [...new Set([...bounds, to + 1])];
}

/** Steps, evenly spread, at which the time is to be looked up before `cutByTime`. */
export function gridSteps(first: SeriesPoint, last: SeriesPoint, most: number): readonly number[] {
  return evenBounds(first.step, last.step, most).slice(0, -1);
}

/**
 * Cuts by step, as that is how points are stored, so that the buckets take about equally long. `grid` has the time of the first point at or after some
 * steps, ascending; times that go back, as those of several writers do, count as standing still.
 */
export function cutByTime(
  first: SeriesPoint,
  last: SeriesPoint,
  grid: readonly Pick<SeriesPoint, 'step' | 'time'>[],
  buckets: number,
): SeriesCut {
  if (first.step === last.step) return cutEvenly(first, last, buckets);
  const width = (last.time - first.time) / buckets;
  const bounds = [first.step];
  for (const { step, time } of grid) {
    const due = first.time + bounds.length * width;
    if (step > (bounds.at(-1) as number) && time >= due && bounds.length < buckets) bounds.push(step);
  }
  return { by: 'step', step: first.step, bounds: [...bounds, last.step + 1] };
}

/** The points to show, each once, by (step, time, value). */
export function toSampled(buckets: readonly SeriesBucket[], odd: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const found = new Map<string, SeriesPoint>();
  const add = (point: SeriesPoint | null): void => {
    if (point !== null) found.set(`${point.step} ${point.time} ${point.value}`, point);
  };
  for (const { first, last, least, greatest } of buckets) for (const point of [first, last, least, greatest]) add(point);
  for (const point of odd) add(point);
  return [...found.values()].toSorted((a, b) => a.step - b.step || a.time - b.time || compare(a.value, b.value));
}

/** NaN after every number. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : a < b ? -1 : 1;
}
