import type { JsonObject } from '../ports/json.ts';

export type CatchUp = 'all' | 'latest' | 'none';

/** A clock: a cron line in a time zone, or a fixed distance. */
export interface ScheduleSource {
  readonly kind: 'schedule';
  /** Null when `everyMs` says it. */
  readonly cron: string | null;
  readonly everyMs: number | null;
  /** IANA name. */
  readonly timezone: string;
  /** Each run starts up to so much later, always the same for one moment. */
  readonly jitterMs: number;
  /** Nothing is scheduled before and after, epoch ms. An interval counts from its start. */
  readonly start: number | null;
  readonly end: number | null;
  /** What is made up for after downtime, and at most how many. */
  readonly catchUp: CatchUp;
  readonly catchUpLimit: number;
}

export type TriggerSource =
  | ScheduleSource
  /** A firing alert of this monitor, of one of these kinds (empty: any). */
  | { readonly kind: 'alert'; readonly monitor: string; readonly kinds: readonly string[] }
  /** A new version of any of the datasets, or of each of them. */
  | { readonly kind: 'dataset'; readonly need: 'all' | 'any'; readonly datasets: readonly string[] }
  /** So many labels of an endpoint since the last time. */
  | { readonly kind: 'labels'; readonly endpoint: string; readonly count: number }
  | { readonly kind: 'model'; readonly model: string; readonly stage: string | null; readonly alias: string | null }
  | { readonly kind: 'pipeline'; readonly pipeline: string; readonly states: readonly string[] }
  /** A signed message from outside. */
  | { readonly kind: 'webhook'; readonly format: 'cloudevents' | 'github' | 'gitlab'; readonly toleranceMs: number }
  /** A file in a folder of the server's machine that has kept its size for `stableMs`. */
  | { readonly kind: 'file'; readonly folder: string; readonly pattern: string; readonly stableMs: number }
  | { readonly kind: 'manual' };

/** What is done while as many runs of the pipeline as may are under way. */
export type ConcurrencyPolicy = 'queue' | 'skip' | 'replace';

export interface TriggerSpec {
  readonly name: string;
  readonly pipeline: string;
  readonly on: TriggerSource;
  /** Values that fields of the event must have, by path such as `data.branch`; `*` stands for any characters. */
  readonly filter: Readonly<Record<string, readonly string[]>>;
  /** A template; events of one key within the window are one event. Null: each event is its own. */
  readonly dedupe: { readonly key: string | null; readonly windowMs: number };
  /** A template; events of one value are debounced, cooled down and merged by themselves. Null: all together. */
  readonly group: string | null;
  /** Whether what waits becomes one run, or each event its own. */
  readonly merge: boolean;
  /** Start when nothing came for `quietMs`, at the latest `maxWaitMs` after the first. */
  readonly debounce: { readonly quietMs: number; readonly maxWaitMs: number };
  /** No second start within this time of the last one. */
  readonly cooldownMs: number;
  readonly maxActive: number;
  readonly policy: ConcurrencyPolicy;
  /** Most runs within 24 hours. */
  readonly budget: number | null;
  /** Parameters of its runs; `{{event.data.x}}` takes from the event. */
  readonly params: Readonly<Record<string, string>>;
}

/** The steps of a decision, in their order. */
export type TriggerStage =
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

export type TriggerOutcome = 'started' | 'merged' | 'waiting' | 'dropped';

/** What the clock wanted of a run: when, and the data it is about, the end not included. Epoch ms. */
export interface RunSchedule {
  readonly scheduledFor: number;
  readonly start: number;
  readonly end: number;
}

/** An event that reached a trigger and passed its filter, until it has become a run or was dropped. */
export interface TriggerArrival {
  /** Ascends by time: what came first is decided first. */
  readonly id: string;
  readonly trigger: string;
  /** Names the event for ever: it arrives once. */
  readonly event: string;
  readonly group: string;
  readonly key: string;
  readonly note: string;
  /** What templates and later looks read: `{type, source, subject, id, data}`. */
  readonly content: JsonObject;
  readonly schedule: RunSchedule | null;
  readonly at: number;
  /** Not looked at before. */
  readonly dueAt: number;
  readonly state: 'waiting' | 'started' | 'dropped';
  /** The stage it was last held or dropped at. */
  readonly stage: TriggerStage;
  readonly reason: string;
  readonly run: string | null;
}

/** What a trigger decided on an event, and why. */
export interface TriggerDecision {
  readonly id: string;
  readonly trigger: string;
  readonly event: string;
  readonly group: string;
  readonly decision: TriggerOutcome;
  readonly stage: TriggerStage;
  readonly reason: string;
  readonly run: string | null;
  readonly at: number;
}

/** What a trigger remembers beside its events. */
export interface TriggerState {
  readonly trigger: string;
  /** The source it belongs to, as canonical JSON: another one starts anew. */
  readonly source: string;
  /** The next moment of a schedule, epoch ms; null: none, or not known yet. */
  readonly nextFire: number | null;
  /** Up to where labels were counted, and how many since the last time. */
  readonly labelsSeq: number;
  readonly labelsCount: number;
  /** The key of a webhook's signature, sealed; null: none yet. */
  readonly secret: string | null;
  readonly revision: number;
}
