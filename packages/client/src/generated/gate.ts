// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { GateDecision } from './types.ts';

export interface GateDecideInput {
  readonly model: string;
  /** A version number: 1, 2, 3, … */
  readonly candidate: number;
  readonly id?: string | undefined;
}

export interface GateDecisionInput {
  readonly decision: string;
}

export interface GateDecisionsInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly model?: string | undefined;
}

export interface GateDecisions {
  readonly items: readonly GateDecision[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface GateForceInput {
  readonly model: string;
  /** A version number: 1, 2, 3, … */
  readonly candidate: number;
  readonly reason: string;
}

export interface GateListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface GateListItem {
  readonly name: string;
  readonly model: string;
  readonly label: string;
  readonly margin: number;
  readonly alpha: number;
  readonly floors: {
    readonly f1: number | null;
    readonly max_false_positive_rate: number | null;
  };
  readonly baseline_improvement: number;
}

export interface GateList {
  readonly items: readonly GateListItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface GateClient {
  /** Judges a version on its frozen evaluation data against the version in Production. */
  decide(input: GateDecideInput, options?: CallOptions): Promise<GateDecision>;
  /** Shows a decision with the numbers of each check. */
  decision(input: GateDecisionInput, options?: CallOptions): Promise<GateDecision>;
  /** Lists decisions, newest first. */
  decisions(input?: GateDecisionsInput, options?: CallOptions): Promise<GateDecisions>;
  /** Lets a version through although its gate did not say PASS; who and why is recorded. */
  force(input: GateForceInput, options?: CallOptions): Promise<GateDecision>;
  /** Lists gates. */
  list(input?: GateListInput, options?: CallOptions): Promise<GateList>;
}

export function createGateClient(send: Send): GateClient {
  return {
    decide: ({ model, ...body }, options) => send({ method: 'POST', path: `/gates/${encodeURIComponent(model)}/decisions`, body, options }),
    decision: ({ decision }, options) => send({ method: 'GET', path: `/gate-decisions/${encodeURIComponent(decision)}`, options }),
    decisions: (query, options) => send({ method: 'GET', path: '/gate-decisions', query, options }),
    force: ({ model, ...body }, options) => send({ method: 'POST', path: `/gates/${encodeURIComponent(model)}/forces`, body, options }),
    list: (query, options) => send({ method: 'GET', path: '/gates', query, options }),
  };
}
