import type { TriggerSpec } from './types.ts';

/** What a trigger needs to know of the past and of now, to decide on an alert. */
export interface TriggerSituation {
  /** When it last started a run; undefined: never. */
  readonly lastStart: number | undefined;
  /** A run of its pipeline that has not ended. */
  readonly activeRun: string | undefined;
}

export type TriggerVerdict = { readonly start: true } | { readonly start: false; readonly reason: string };

/** Whether an alert concerns the trigger at all. */
export function concernsTrigger(spec: TriggerSpec, alert: { readonly monitor: string; readonly kind: string }): boolean {
  return spec.monitor === alert.monitor && (spec.kinds.length === 0 || spec.kinds.includes(alert.kind));
}

/** End of the cool-down after the last start; undefined when it has passed. */
export function cooldownEnd(spec: TriggerSpec, lastStart: number | undefined, now: number): number | undefined {
  if (lastStart === undefined) return undefined;
  const end = lastStart + spec.cooldownMs;
  return end > now ? end : undefined;
}

/** Start, or why not: a run that is under way comes first, then the cool-down. */
export function decideTrigger(spec: TriggerSpec, situation: TriggerSituation, now: number): TriggerVerdict {
  if (situation.activeRun !== undefined)
    return { start: false, reason: `Run ${situation.activeRun} of pipeline "${spec.pipeline}" is still under way.` };
  const end = cooldownEnd(spec, situation.lastStart, now);
  if (end === undefined) return { start: true };
  return {
    start: false,
    reason: `It last started a run ${seconds(now - (situation.lastStart ?? now))} s ago; the cool-down lasts another ${seconds(end - now)} s.`,
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
