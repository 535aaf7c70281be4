// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';

export interface TriggerCausesInput {
  readonly run: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface TriggerCausesItem {
  readonly trigger: string;
  readonly event: string;
  readonly note: string;
  readonly content: Readonly<Record<string, JsonValue>>;
  readonly at: string;
}

export interface TriggerCauses {
  readonly items: readonly TriggerCausesItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

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
  readonly group: string;
  readonly decision: 'started' | 'merged' | 'waiting' | 'dropped';
  /** Where it was held or dropped; `passed` when it became a run. */
  readonly stage:
    | 'filter'
    | 'duplicate'
    | 'overflow'
    | 'resolved'
    | 'condition'
    | 'debounce'
    | 'cooldown'
    | 'concurrency'
    | 'budget'
    | 'refused'
    | 'missed'
    | 'passed';
  readonly reason: string;
  /** The pipeline run it became. */
  readonly run: string | null;
  readonly at: string;
}

export interface TriggerDecisions {
  readonly items: readonly TriggerDecisionsItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface TriggerFireInput {
  readonly trigger: string;
  readonly data?: Readonly<Record<string, JsonValue>> | undefined;
  readonly note?: string | undefined;
}

export interface TriggerFire {
  readonly event: string;
}

export interface TriggerGetInput {
  readonly trigger: string;
}

export interface TriggerGet {
  readonly name: string;
  readonly pipeline: string;
  /** What it waits for: its `kind`, and what that kind needs. */
  readonly on: Readonly<Record<string, JsonValue>>;
  readonly filter: Readonly<Record<string, readonly string[]>>;
  readonly dedupe: {
    readonly key: string | null;
    readonly window_ms: number;
  };
  readonly group: string | null;
  readonly merge: boolean;
  readonly debounce: {
    readonly quiet_ms: number;
    readonly max_wait_ms: number;
  };
  readonly cooldown_ms: number;
  readonly concurrency: {
    readonly max_active: number;
    readonly policy: 'queue' | 'skip' | 'replace';
  };
  /** Most runs within 24 hours. */
  readonly budget: number | null;
  readonly params: Readonly<Record<string, string>>;
  /** Of a schedule. */
  readonly next_fire: string | null;
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

export interface TriggerRenewSecretInput {
  readonly trigger: string;
}

export interface TriggerRenewSecret {
  readonly secret: string;
}

export interface TriggerClient {
  /** Lists the events that became a run, oldest first. */
  causes(input: TriggerCausesInput, options?: CallOptions): Promise<TriggerCauses>;
  /** Lists what a trigger decided on each event, newest first. */
  decisions(input: TriggerDecisionsInput, options?: CallOptions): Promise<TriggerDecisions>;
  /** Gives a trigger an event by hand; it is decided on as any other. */
  fire(input: TriggerFireInput, options?: CallOptions): Promise<TriggerFire>;
  /** Shows a trigger. */
  get(input: TriggerGetInput, options?: CallOptions): Promise<TriggerGet>;
  /** Lists triggers. */
  list(input?: TriggerListInput, options?: CallOptions): Promise<TriggerList>;
  /** Makes the secret that messages to a webhook trigger are signed with, new each time. It is shown this once. */
  renewSecret(input: TriggerRenewSecretInput, options?: CallOptions): Promise<TriggerRenewSecret>;
}

export function createTriggerClient(send: Send): TriggerClient {
  return {
    causes: ({ run, ...query }, options) =>
      send({ method: 'GET', path: `/pipeline-runs/${encodeURIComponent(run)}/causes`, query, options }),
    decisions: ({ trigger, ...query }, options) =>
      send({ method: 'GET', path: `/triggers/${encodeURIComponent(trigger)}/decisions`, query, options }),
    fire: ({ trigger, ...body }, options) => send({ method: 'POST', path: `/triggers/${encodeURIComponent(trigger)}/fire`, body, options }),
    get: ({ trigger }, options) => send({ method: 'GET', path: `/triggers/${encodeURIComponent(trigger)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/triggers', query, options }),
    renewSecret: ({ trigger }, options) => send({ method: 'POST', path: `/triggers/${encodeURIComponent(trigger)}/secret`, options }),
  };
}
