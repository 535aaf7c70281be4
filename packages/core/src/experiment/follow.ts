import type { MetricPosition } from './store.ts';
import type { Metric, Run } from './types.ts';

/** What a run is at one moment, without its history. */
export interface RunSnapshot {
  readonly run: Run;
  /** Latest value of each key. */
  readonly latest: readonly Metric[];
}

/** Where a follower stands. It says so much of the run that it can go on from there at another server, after any time. */
export interface FollowPosition {
  readonly status: string;
  readonly name: string;
  readonly lifecycle: string;
  /** Params are only ever added. */
  readonly params: number;
  readonly tags: string;
  /** By key, the last point that was told: step, time. */
  readonly metrics: Readonly<Record<string, readonly [step: number, time: number]>>;
}

/** Points of a key that were told last: one with an earlier step that another writer logs late is still found among them. */
const REMEMBERED = 32;

/** What a follower remembers of each key while it is connected. */
export type Remembered = ReadonlyMap<string, readonly Metric[]>;

export function positionOfRun({ run, latest }: RunSnapshot, tags: string): FollowPosition {
  return {
    status: run.status,
    name: run.name,
    lifecycle: run.lifecycle,
    params: Object.keys(run.params).length,
    tags,
    metrics: toRecord(latest.map(({ key, step, time }) => [key, [step, time]] as const)),
  };
}

/** Where to read on: keys whose latest point is beyond what was told, from the oldest point that is remembered. */
export function toReadOn(position: FollowPosition, remembered: Remembered, { latest }: RunSnapshot): readonly MetricPosition[] {
  return latest.flatMap(({ key, step, time, value }) => {
    const told = Object.hasOwn(position.metrics, key) ? position.metrics[key] : undefined;
    const known = remembered.get(key) ?? [];
    if (
      told !== undefined &&
      told[0] === step &&
      told[1] === time &&
      (known.length === 0 || known.some((point) => same(point, { step, time, value })))
    )
      return [];
    const [oldest] = known.toSorted((a, b) => a.step - b.step || a.time - b.time);
    if (oldest !== undefined) return [{ key, step: oldest.step, time: oldest.time }];
    return [{ key, step: told?.[0] ?? Number.MIN_SAFE_INTEGER, time: told?.[1] ?? 0 }];
  });
}

/**
 * The points among those read that were not told yet, and where the follower then stands. Of a key that nothing is remembered of, the point at the very place where
 * it stood counts as told.
 */
export function takeNew(
  position: FollowPosition,
  remembered: Remembered,
  read: readonly Metric[],
): { readonly points: readonly Metric[]; readonly metrics: FollowPosition['metrics']; readonly remembered: Remembered } {
  const points: Metric[] = [];
  const metrics = new Map(Object.entries(position.metrics));
  const next = new Map(remembered);
  for (const [key, own] of Map.groupBy(read, (point) => point.key)) {
    const known = next.get(key);
    const told = metrics.get(key);
    const fresh = own.filter((point) =>
      known === undefined
        ? told === undefined || told[0] !== point.step || told[1] !== point.time
        : !known.some((each) => same(each, point)),
    );
    points.push(...fresh);
    next.set(key, [...(known ?? own.filter((point) => !fresh.includes(point))), ...fresh].slice(-REMEMBERED));
    for (const { step, time } of fresh) {
      const last = metrics.get(key);
      if (last === undefined || step > last[0] || (step === last[0] && time > last[1])) metrics.set(key, [step, time]);
    }
  }
  return { points: points.toSorted((a, b) => a.time - b.time || a.step - b.step), metrics: toRecord([...metrics]), remembered: next };
}

function same(a: Pick<Metric, 'step' | 'time' | 'value'>, b: Pick<Metric, 'step' | 'time' | 'value'>): boolean {
  return a.step === b.step && a.time === b.time && Object.is(a.value, b.value);
}

/** Keys may be anything, "__proto__" too. */
function toRecord<Value>(entries: readonly (readonly [string, Value])[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(entries);
}
