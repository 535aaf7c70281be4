import type { TriggerDecision, TriggerSpec } from './types.ts';

export interface TriggerReader {
  get(name: string): Promise<TriggerSpec | undefined>;
  list(): Promise<readonly TriggerSpec[]>;
  /** Newest first. */
  decisions(trigger: string, limit: number): Promise<readonly TriggerDecision[]>;
  lastStart(trigger: string): Promise<number | undefined>;
  /** Suppressed decisions taken after the last start, so answered by none; oldest first. */
  pending(trigger: string): Promise<readonly TriggerDecision[]>;
}

export interface TriggerStore extends TriggerReader {
  put(spec: TriggerSpec): Promise<void>;
  /** False when this trigger already decided so on this event: an event is suppressed at most once, and started at most once, also after it was suppressed. */
  insertDecision(decision: TriggerDecision): Promise<boolean>;
}
