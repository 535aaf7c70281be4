import { operational, user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface GcFaults {
  gc_running: { id: string };
  gc_not_found: { id: string };
  gc_lost: Record<never, never>;
  gc_unreadable: { noun: string; problem: string };
}

export const gcFaults: FaultDefinitions<GcFaults> = {
  gc_running: user((d) => `Another collection is under way (${d.id}); follow it with "pawl gc show ${d.id}", or wait until it ends.`),
  gc_not_found: user((d) => `There is no collection ${d.id}; list them with "pawl gc list".`),
  gc_lost: operational(() => 'The collection lost its lease to another server and stopped; nothing that is referred to was removed.'),
  gc_unreadable: operational(
    (d) => `What a ${d.noun} refers to cannot be read, so no content was removed: ${d.problem} Restore it or delete what names it.`,
  ),
};
