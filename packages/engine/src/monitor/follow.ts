import type { MonitorSpec } from '@pawl/core';
import { Conflict } from '../conflict.ts';

/**
 * Does `work` for each monitor; true when it did something for one of them. A monitor that fails is left out, the others go on until nothing is left to do for them, and only
 * then is the failure thrown: whoever pauses for it holds up nobody else's backlog.
 */
export async function followMonitors(specs: readonly MonitorSpec[], work: (spec: MonitorSpec) => Promise<boolean>): Promise<boolean> {
  const failed = new Map<string, unknown>();
  let acted = false;
  for (;;) {
    let again = false;
    for (const spec of specs) {
      if (failed.has(spec.name)) continue;
      try {
        again = (await work(spec)) || again;
      } catch (error) {
        if (error instanceof Conflict) again = true;
        else failed.set(spec.name, error);
      }
    }
    acted ||= again;
    if (failed.size === 0) return acted;
    if (!again) break;
  }
  const names = Array.from(failed.keys(), (name) => `"${name}"`).join(', ');
  throw new AggregateError(failed.values(), `Monitor ${names} could not be followed.`);
}
