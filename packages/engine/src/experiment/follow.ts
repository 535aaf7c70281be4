import { fault, positionOfRun, takeNew, toReadOn } from '@pawl/core';
import type { Database, FollowPosition, Hash, Metric, Remembered, Run, RunSnapshot } from '@pawl/core';

export type FollowMessage =
  /** Everything at once: what a follower starts from, and gets where its position says nothing of this run. */
  | { readonly kind: 'state'; readonly snapshot: RunSnapshot }
  | { readonly kind: 'metrics'; readonly points: readonly Metric[] }
  | { readonly kind: 'params'; readonly params: Run['params'] }
  /** All of them: what is missing was removed. */
  | { readonly kind: 'tags'; readonly tags: Run['tags'] }
  | { readonly kind: 'status'; readonly run: Run };

export interface Followed {
  readonly messages: readonly FollowMessage[];
  readonly position: FollowPosition;
  /** There is more already. */
  readonly more: boolean;
  /** The run is over, and all of it was told. */
  readonly ended: boolean;
}

/** One that follows a run. It holds a few points of each key, and nothing that grows with the run or with how slow its reader is. */
export interface RunFollower {
  /** What is new since the call before. Throws `run_not_found` once the run is gone for good. */
  next(): Promise<Followed>;
}

export interface FollowService {
  /** Throws `run_not_found`. Without a position, starts with the state as it is. */
  follow(run: string, from?: FollowPosition): Promise<RunFollower>;
}

/** Points of a key told at once. */
const MOST = 500;

export interface FollowPorts {
  readonly database: Database;
  readonly hash: Hash;
  /** Lets followers that ask for the same at the same time share one read. */
  readonly share: <Value>(what: string, read: () => Promise<Value>) => Promise<Value>;
}

export function createFollowService({ database, hash, share }: FollowPorts): FollowService {
  const { read } = database;

  const snapshot = (id: string): Promise<RunSnapshot> =>
    share(id, async () => {
      // The head first: what is logged before a run ends is there once its end is.
      const run = await read.runs.get(id);
      if (run === undefined) throw fault('run_not_found', { id });
      return { run, latest: await read.runs.latestMetrics(id) };
    });

  const digestOf = (tags: Run['tags']): string => hash(JSON.stringify(tags)).slice('sha256:'.length, 23);

  return {
    async follow(id, from) {
      await snapshot(id);
      let position = from;
      let remembered: Remembered = new Map();

      return {
        async next() {
          const now = await snapshot(id);
          const { run } = now;
          const over = run.lifecycle === 'deleted' || (run.status !== 'running' && run.status !== 'scheduled');
          const tags = digestOf(run.tags);
          if (position === undefined) {
            position = positionOfRun(now, tags);
            return { messages: [{ kind: 'state', snapshot: now }], position, more: over, ended: false };
          }
          const messages: FollowMessage[] = [];
          if (Object.keys(run.params).length !== position.params) messages.push({ kind: 'params', params: run.params });
          const places = toReadOn(position, remembered, now);
          const found = places.length === 0 ? [] : await share(JSON.stringify([id, places]), () => read.series.since(id, places, MOST));
          const taken = takeNew(position, remembered, found);
          if (taken.points.length > 0) messages.push({ kind: 'metrics', points: taken.points });
          if (tags !== position.tags) messages.push({ kind: 'tags', tags: run.tags });
          const told = position;
          if (run.status !== told.status || run.name !== told.name || run.lifecycle !== told.lifecycle)
            messages.push({ kind: 'status', run });
          ({ remembered } = taken);
          position = { ...positionOfRun(now, tags), metrics: taken.metrics };
          const more =
            messages.length > 0 && (over || [...Map.groupBy(found, ({ key }) => key).values()].some((own) => own.length === MOST));
          return { messages, position, more, ended: over && messages.length === 0 };
        },
      };
    },
  };
}
