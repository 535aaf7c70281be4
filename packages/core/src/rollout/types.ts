import type { JsonObject } from '../ports/json.ts';
import type { Verdict } from '../gate/types.ts';

/** A name that requests are sent to, and the model version that answers when no rollout is under way. */
export interface Endpoint {
  readonly name: string;
  readonly model: string;
  /** Null until the first version is promoted. */
  readonly stable: number | null;
  /** The rollout under way. */
  readonly rollout: string | null;
  readonly revision: number;
}

/** `failures`: answers that were errors. `slow`: answers over the latency objective. `wrong`: predictions that a joined label contradicts. */
export type RolloutMetric = 'failures' | 'slow' | 'wrong';

export interface RolloutGuard {
  readonly metric: RolloutMetric;
  /** Only for `slow`: an answer above it is an event. */
  readonly sloMs: number | null;
  /** Ratio of candidate to stable that harm must exceed; 1: any harm. */
  readonly tolerance: number;
  /** Ratio that a promotion must exclude. */
  readonly noWorseThan: number;
  /** Absolute difference of rates that also proves "no worse" when it is excluded. */
  readonly margin: number;
  /** Whether promotion waits until the candidate is proven no worse by this guard. */
  readonly required: boolean;
}

export interface RolloutStep {
  /** Share of traffic for the candidate, 0 to 1. */
  readonly weight: number;
  /** Candidate requests in evidence before the step may end. */
  readonly minRequests: number;
  /** Time the step lasts at least. */
  readonly minMs: number;
  /** `not_worse`: go on unless harm is proven (a ramp step). `fine`: go on only when every required guard is proven no worse. */
  readonly require: 'not_worse' | 'fine';
}

export interface RolloutSpec {
  readonly name: string;
  readonly endpoint: string;
  readonly model: string;
  /** Start by itself when a gate passes. */
  readonly automatic: boolean;
  readonly steps: readonly RolloutStep[];
  readonly guards: readonly RolloutGuard[];
  /** Error of the whole rollout: split over the guards for harm. */
  readonly alpha: number;
  /** After this long in one step without a verdict, `onTimeout` decides. */
  readonly maxStepMs: number;
  readonly onTimeout: 'hold' | 'rollback' | 'promote';
}

export type RolloutState = 'running' | 'held' | 'promoted' | 'rolled_back' | 'superseded';

export type GuardVerdict = 'worse' | 'fine' | 'undecided' | 'not_enough_data';

export interface ArmCounts {
  readonly requests: number;
  readonly events: number;
}

/** What one guard has seen, as sums: a restart resumes from them, and replaying gives the same verdict. */
export interface GuardEvidence {
  readonly metric: RolloutMetric;
  readonly stable: ArmCounts;
  readonly candidate: ArmCounts;
  /** States of the tests (core/statistics), opaque to stores. */
  readonly tests: JsonObject;
}

export interface Rollout {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string;
  readonly candidate: number;
  /** Null when nothing answered before: the candidate is promoted once it is warm. */
  readonly stable: number | null;
  readonly spec: RolloutSpec;
  readonly state: RolloutState;
  /** Index into the spec's steps. */
  readonly step: number;
  readonly startedAt: number;
  readonly stepStartedAt: number;
  readonly endedAt: number | null;
  /** Candidate requests counted when the step began. */
  readonly stepBase: number;
  readonly evidence: readonly GuardEvidence[];
  readonly verdict: Verdict;
  /** One line: why it stands where it stands. */
  readonly reason: string;
  /** Who or what started it. */
  readonly actor: string;
  readonly revision: number;
}

/** One request's contribution to a rollout's evidence. */
export interface Observation {
  readonly metric: RolloutMetric;
  readonly candidate: boolean;
  /** Candidate's weight at the moment of routing. */
  readonly weight: number;
  readonly event: boolean;
  /** Unit of evidence: the sticky key's hash, or the prediction id. */
  readonly unit: string;
  /** The unit was counted before, and this is its first event. */
  readonly later?: boolean;
}
