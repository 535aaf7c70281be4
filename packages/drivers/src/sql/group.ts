import { isFault } from '@pawl/core';
import type { Writers } from '@pawl/core';

type Work<T> = (tx: Writers) => Promise<T>;

interface Waiting {
  readonly key: string;
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

export interface Groups {
  /** Runs short work in one transaction with what else came for its lane meanwhile; all of one key goes through one lane, in order. */
  run<T>(key: string, work: Work<T>): Promise<T>;
}

/** So that nobody waits for long behind the others of a group. */
const MOST = 64;

/** Works of different keys side by side, those of one key one after the other. Nobody uses the transaction any more when it settles. */
async function together(tx: Writers, group: readonly Waiting[]): Promise<readonly unknown[]> {
  const last = new Map<string, Promise<unknown>>();
  const all = group.map(({ key, work }) => {
    const before = last.get(key);
    const own = before === undefined ? work(tx) : before.then(() => work(tx));
    last.set(key, own);
    return own;
  });
  await Promise.allSettled(all);
  return Promise.all(all);
}

/**
 * Commits many short writes together: while a transaction of a lane is under way, what comes waits, and goes into the next one together. When one of a group throws, the
 * group is rolled back and each runs by itself, so that nobody suffers for another.
 */
export function createGroups(transaction: <T>(work: Work<T>) => Promise<T>, lanes: number): Groups {
  const all = Array.from({ length: lanes }, () => ({ waiting: [] as Waiting[], running: false }));

  async function settle(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1) {
      try {
        const values = await transaction((tx) => together(tx, group));
        for (const [at, { resolve }] of group.entries()) resolve(values[at]);
        return;
      } catch (error) {
        // What no transaction gets through now is not tried once for each.
        if (isFault(error) && error.kind === 'operational' && error.code !== 'write_conflict') {
          for (const { reject } of group) reject(error);
          return;
        }
      }
    }
    for (const { work, resolve, reject } of group) await transaction(work).then(resolve, reject);
  }

  return {
    run<T>(key: string, work: Work<T>) {
      const lane = all[laneOf(key, lanes)] ?? all[0];
      if (lane === undefined) return transaction(work);
      return new Promise<T>((resolve, reject) => {
        lane.waiting.push({ key, work, resolve: (value) => resolve(value as T), reject });
        if (lane.running) return;
        lane.running = true;
        void (async () => {
          while (lane.waiting.length > 0) await settle(lane.waiting.splice(0, MOST));
          lane.running = false;
        })();
      });
    },
  };
}

function laneOf(key: string, lanes: number): number {
  let sum = 0;
  for (let at = 0; at < key.length; at += 1) sum = (Math.imul(sum, 31) + key.charCodeAt(at)) >>> 0;
  return sum % lanes;
}
