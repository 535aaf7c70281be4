// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface TriggerDecisionsInput {
  readonly trigger: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface TriggerDecisionsItem {
  readonly id: string;
  readonly trigger: string;
  readonly event: string;
  readonly decision: 'started' | 'suppressed';
  readonly reason: string;
  /** The pipeline run it started. */
  readonly run: string | null;
  readonly at: string;
}

export interface TriggerDecisions {
  readonly items: readonly TriggerDecisionsItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface TriggerGetInput {
  readonly trigger: string;
}

export interface TriggerGet {
  readonly name: string;
  readonly pipeline: string;
  readonly monitor: string;
  /** Kinds of alert that start it; empty: any. */
  readonly kinds: readonly string[];
  readonly cooldown_ms: number;
  readonly params: Readonly<Record<string, string>>;
}

export interface TriggerListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface TriggerList {
  readonly items: readonly TriggerGet[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface TriggerClient {
  /** Lists what a trigger decided on each event, newest first. */
  decisions(input: TriggerDecisionsInput, options?: CallOptions): Promise<TriggerDecisions>;
  /** Shows a trigger. */
  get(input: TriggerGetInput, options?: CallOptions): Promise<TriggerGet>;
  /** Lists triggers. */
  list(input?: TriggerListInput, options?: CallOptions): Promise<TriggerList>;
}

export function createTriggerClient(send: Send): TriggerClient {
  return {
    decisions: ({ trigger, ...query }, options) =>
      send({ method: 'GET', path: `/triggers/${encodeURIComponent(trigger)}/decisions`, query, options }),
    get: ({ trigger }, options) => send({ method: 'GET', path: `/triggers/${encodeURIComponent(trigger)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/triggers', query, options }),
  };
}
