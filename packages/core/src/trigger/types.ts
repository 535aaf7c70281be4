export interface TriggerSpec {
  readonly name: string;
  readonly pipeline: string;
  /** Starts on a firing alert of this monitor, of one of these kinds (empty: any). */
  readonly monitor: string;
  readonly kinds: readonly string[];
  /** No second start within this time of the last one. */
  readonly cooldownMs: number;
  readonly params: Readonly<Record<string, string>>;
}

/** Each event that reached a trigger, and what it decided and why. */
export interface TriggerDecision {
  readonly id: string;
  readonly trigger: string;
  readonly event: string;
  readonly decision: 'started' | 'suppressed';
  readonly reason: string;
  readonly run: string | null;
  readonly at: number;
}
