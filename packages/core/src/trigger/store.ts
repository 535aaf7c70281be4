import type { Page, PageRequest } from '../ports/page.ts';
import type { TriggerArrival, TriggerDecision, TriggerSpec, TriggerStage, TriggerState } from './types.ts';

export interface TriggerReader {
  get(name: string): Promise<TriggerSpec | undefined>;
  list(): Promise<readonly TriggerSpec[]>;
  state(name: string): Promise<TriggerState | undefined>;
  states(): Promise<readonly TriggerState[]>;
  /** Newest first. */
  decisions(trigger: string, page: PageRequest): Promise<Page<TriggerDecision>>;
  /** When runs of a trigger started, newest first; of one group, or of all of them. */
  starts(trigger: string, group: string | null, limit: number): Promise<readonly number[]>;
}

export interface TriggerStore extends TriggerReader {
  put(spec: TriggerSpec): Promise<void>;
  /** Compare-and-set on `revision`, undefined for the first; false when somebody else changed it. */
  putState(state: TriggerState, expectedRevision: number | undefined): Promise<boolean>;
  /** A decision that a trigger took before on an event is left as it is. */
  insertDecisions(decisions: readonly TriggerDecision[]): Promise<void>;
}

/** The events of a trigger's group that wait. */
export interface WaitingGroup {
  readonly trigger: string;
  readonly group: string;
  readonly count: number;
  /** When the first and the last came. */
  readonly first: number;
  readonly last: number;
  /** When the first of them may be looked at. */
  readonly due: number;
}

export interface ArrivalReader {
  waitingGroups(): Promise<readonly WaitingGroup[]>;
  /** Oldest first. */
  waiting(trigger: string, group: string, limit: number): Promise<readonly TriggerArrival[]>;
  waitingCount(trigger: string): Promise<number>;
  has(trigger: string, event: string): Promise<boolean>;
  /** Whether an event of this key came at or after that time. */
  keySince(trigger: string, key: string, since: number): Promise<boolean>;
  /** What became this run, oldest first. */
  ofRun(run: string, limit: number): Promise<readonly TriggerArrival[]>;
  /** Runs of a pipeline that have not ended, without those of backfills; oldest first. */
  activeRuns(pipeline: string, limit: number): Promise<readonly string[]>;
}

export interface ArrivalStore extends ArrivalReader {
  /** False when the event reached the trigger before. */
  insert(arrival: TriggerArrival): Promise<boolean>;
  /** Of those that wait still. */
  settle(
    ids: readonly string[],
    to: { readonly state: TriggerArrival['state']; readonly stage: TriggerStage; readonly reason: string; readonly run: string | null },
  ): Promise<void>;
}
