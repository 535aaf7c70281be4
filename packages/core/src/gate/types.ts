import type { DatasetRef } from '../dataset/types.ts';
import type { JsonObject } from '../ports/json.ts';

export type Verdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE';

export interface GateSpec {
  readonly name: string;
  readonly model: string;
  /** Column of the evaluation table with the truth (boolean). */
  readonly label: string;
  /** Largest loss of accuracy, as a share, that still counts as no worse. */
  readonly margin: number;
  /** One-sided error of each test. */
  readonly alpha: number;
  readonly floors: {
    readonly f1: number | null;
    readonly maxFalsePositiveRate: number | null;
  };
  /** How much better than the majority class a first model must be, as a share of the majority's error removed. */
  readonly baselineImprovement: number;
}

export interface GateCheck {
  readonly name: string;
  readonly verdict: Verdict;
  /** One line with the numbers. */
  readonly summary: string;
  readonly numbers: JsonObject;
}

export interface GateForce {
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
}

export interface GateDecision {
  readonly id: string;
  readonly gate: string;
  readonly model: string;
  readonly candidate: number;
  /** Null when there was no model in Production. */
  readonly champion: number | null;
  readonly evaluation: DatasetRef;
  readonly verdict: Verdict;
  readonly checks: readonly GateCheck[];
  readonly at: number;
  readonly forced: GateForce | null;
}
