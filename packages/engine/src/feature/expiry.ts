import { windowTail } from '@pawl/core';
import type { Clock, Database } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';

const DAY = 86_400_000;

/**
 * Once a day, forgets online events that no window reaches any more. An event stays for twice its view's longest window: requests that are replayed or late ask for
 * moments in the past.
 */
export function createFeatureExpiry({ database, clock }: { readonly database: Database; readonly clock: Clock }): Loop {
  const doneAt = new Map<string, number>();
  return {
    name: 'feature expiry',
    async tick() {
      const now = clock.now();
      for (const view of await database.read.features.views()) {
        if (now - (doneAt.get(view.name) ?? -Infinity) < DAY) continue;
        const longest = Math.max(0, ...view.features.map((feature) => feature.windowMs));
        const before = windowTail(now, 2 * longest);
        if (before > 0) await database.transaction((tx) => tx.features.expire(view.name, before));
        doneAt.set(view.name, now);
      }
      return false;
    },
  };
}
