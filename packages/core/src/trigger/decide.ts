import { readField } from './template.ts';
import type { JsonObject } from '../ports/json.ts';
import type { TriggerSpec, TriggerStage } from './types.ts';

const DAY_MS = 86_400_000;

/** Events that wait for a trigger at once; more are dropped, so that a flood fills no database. */
export const MOST_WAITING = 10_000;

/** What a trigger needs to know of the past and of now, to decide on what waits. */
export interface TriggerSituation {
  /** When the first and the last of what waits came. */
  readonly first: number;
  readonly last: number;
  /** Datasets that the waiting events are of. */
  readonly datasets: readonly string[];
  /** When the group last started a run; undefined: never. */
  readonly lastStart: number | undefined;
  /** Runs of the pipeline that have not ended, oldest first. */
  readonly active: readonly string[];
  /** When the trigger started runs, newest first, as many as its budget. */
  readonly starts: readonly number[];
}

export type TriggerVerdict =
  | { readonly type: 'start'; readonly replaces: readonly string[] }
  /** Nothing changes before `until`, unless another event comes; undefined: it cannot be said when. */
  | { readonly type: 'wait'; readonly stage: TriggerStage; readonly reason: string; readonly until: number | undefined }
  | { readonly type: 'drop'; readonly stage: TriggerStage; readonly reason: string };

/** Why an event is none of the trigger's business; undefined when it is. */
export function filterEvent(spec: TriggerSpec, content: JsonObject): string | undefined {
  for (const [path, allowed] of Object.entries(spec.filter)) {
    const value = readField(content, path);
    if (value === undefined) return `The event has no "${path}", which the filter asks for.`;
    if (!allowed.some((pattern) => matches(pattern, value)))
      return `"${path}" is "${value.slice(0, 200)}"; the filter asks for ${allowed.map((one) => `"${one}"`).join(' or ')}.`;
  }
  return undefined;
}

/** `*` stands for any characters. Linear in both texts. */
export function matches(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === head;
  const tail = rest.pop() ?? '';
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - tail.length) return false;
    at = found + part.length;
  }
  return true;
}

/** Condition, debounce, cool-down, concurrency, budget: the first that holds the events back says why. */
export function decideTrigger(spec: TriggerSpec, situation: TriggerSituation, now: number): TriggerVerdict {
  const missing = missingDatasets(spec, situation.datasets);
  if (missing.length > 0)
    return {
      type: 'wait',
      stage: 'condition',
      reason: `It waits for a new version of ${missing.map((name) => `"${name}"`).join(' and ')}.`,
      until: undefined,
    };

  const { quietMs, maxWaitMs } = spec.debounce;
  const quiet = Math.min(situation.last + quietMs, situation.first + Math.max(maxWaitMs, quietMs));
  if (quietMs > 0 && quiet > now)
    return { type: 'wait', stage: 'debounce', reason: `It waits until nothing came for ${toSpan(quietMs)}.`, until: quiet };

  if (situation.lastStart !== undefined && situation.lastStart + spec.cooldownMs > now) {
    const until = situation.lastStart + spec.cooldownMs;
    const reason = `It last started a run ${toSpan(now - situation.lastStart)} ago; the cool-down lasts another ${toSpan(until - now)}.`;
    return { type: 'wait', stage: 'cooldown', reason, until };
  }

  const over = situation.active.length - spec.maxActive + 1;
  const [run] = situation.active;
  if (over > 0 && run !== undefined && spec.policy !== 'replace') {
    const reason = `Run ${run} of pipeline "${spec.pipeline}" is still under way.`;
    return spec.policy === 'skip'
      ? { type: 'drop', stage: 'concurrency', reason }
      : { type: 'wait', stage: 'concurrency', reason, until: undefined };
  }

  const oldest = spec.budget === null ? undefined : situation.starts[spec.budget - 1];
  if (oldest !== undefined && oldest + DAY_MS > now)
    return {
      type: 'wait',
      stage: 'budget',
      reason: `It started ${spec.budget} runs within 24 hours, which is its budget; the next may start in ${toSpan(oldest + DAY_MS - now)}.`,
      until: oldest + DAY_MS,
    };
  return { type: 'start', replaces: over > 0 ? situation.active.slice(0, over) : [] };
}

function missingDatasets({ on }: TriggerSpec, there: readonly string[]): readonly string[] {
  return on.kind === 'dataset' && on.need === 'all' ? on.datasets.filter((name) => !there.includes(name)) : [];
}

/** A length of time for a sentence: its largest unit and the one below. */
export function toSpan(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return seconds % 60 > 0 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return `${seconds} s`;
}
