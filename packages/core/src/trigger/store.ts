import type { TriggerDecision, TriggerSpec } from './types.ts';

export interface TriggerReader {
  get(name: string): Promise<TriggerSpec | undefined>;
  list(): Promise<readonly TriggerSpec[]>;
  /** Newest first. */
  decisions(trigger: string, limit: number): Promise<readonly TriggerDecision[]>;
  lastStart(trigger: string): Promise<number | undefined>;
  /** Suppressed decisions that no later start has answered, oldest first. */
  pending(trigger: string): Promise<readonly TriggerDecision[]>;
}

export interface TriggerStore extends TriggerReader {
  put(spec: TriggerSpec): Promise<void>;
  /** False when this trigger already decided on this event. */
  insertDecision(decision: TriggerDecision): Promise<boolean>;
}
