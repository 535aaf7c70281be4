// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { Rollout } from './types.ts';

export interface RolloutDecideInput {
  readonly rollout: string;
  readonly decision: 'promote' | 'roll_back';
  readonly reason: string;
}

export interface RolloutEndpointInput {
  readonly endpoint: string;
}

export interface RolloutEndpoint {
  readonly name: string;
  readonly model: string;
  /** Version that answers; null until the first is promoted. */
  readonly stable: number | null;
  /** The rollout under way. */
  readonly rollout: string | null;
}

export interface RolloutEndpointsInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface RolloutEndpoints {
  readonly items: readonly RolloutEndpoint[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RolloutGetInput {
  readonly rollout: string;
}

export interface RolloutGet {
  readonly rollout: Rollout;
  readonly alpha: number;
  readonly plan: readonly {
    readonly weight: number;
    readonly min_requests: number;
    readonly min_ms: number;
    readonly require: 'not_worse' | 'fine';
  }[];
  /** What the evidence asks for now; null once the rollout has ended. */
  readonly judgement: {
    readonly action: 'wait' | 'advance' | 'promote' | 'roll_back' | 'hold';
    readonly verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
    readonly reason: string;
  } | null;
  readonly guards: readonly {
    readonly metric: 'failures' | 'slow' | 'wrong';
    readonly required: boolean;
    readonly slo_ms: number | null;
    readonly tolerance: number;
    readonly no_worse_than: number;
    readonly margin: number;
    readonly verdict: 'worse' | 'fine' | 'undecided' | 'not_enough_data';
    readonly stable: {
      readonly requests: number;
      readonly events: number;
    };
    readonly candidate: {
      readonly requests: number;
      readonly events: number;
    };
    /** Against "no harm". */
    readonly harm: {
      /** A number; "NaN", "Infinity" or "-Infinity" as text. */
      readonly e_value: number | 'NaN' | 'Infinity' | '-Infinity';
      /** Proven at this e-value, whenever one looks. */
      readonly threshold: number | 'NaN' | 'Infinity' | '-Infinity';
    };
    /** Against "worse than the ratio allowed". */
    readonly no_worse: {
      /** A number; "NaN", "Infinity" or "-Infinity" as text. */
      readonly e_value: number | 'NaN' | 'Infinity' | '-Infinity';
      /** Proven at this e-value, whenever one looks. */
      readonly threshold: number | 'NaN' | 'Infinity' | '-Infinity';
    };
    /** Against "the candidate's own rate is at least the margin". */
    readonly below_margin: {
      /** A number; "NaN", "Infinity" or "-Infinity" as text. */
      readonly e_value: number | 'NaN' | 'Infinity' | '-Infinity';
      /** Proven at this e-value, whenever one looks. */
      readonly threshold: number | 'NaN' | 'Infinity' | '-Infinity';
    };
    /** Always-valid one-sided bounds of candidate - stable; null until enough requests make them trustworthy. */
    readonly difference: {
      readonly lower: (number | 'NaN' | 'Infinity' | '-Infinity') | null;
      readonly upper: (number | 'NaN' | 'Infinity' | '-Infinity') | null;
    };
  }[];
}

export interface RolloutListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly endpoint?: string | undefined;
}

export interface RolloutList {
  readonly items: readonly Rollout[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface RolloutStartInput {
  readonly endpoint: string;
  /** A version number: 1, 2, 3, … */
  readonly candidate: number;
  readonly id?: string | undefined;
}

export interface RolloutClient {
  /** Ends a rollout by a decision of a person; who and why is recorded. */
  decide(input: RolloutDecideInput, options?: CallOptions): Promise<Rollout>;
  /** Shows an endpoint. */
  endpoint(input: RolloutEndpointInput, options?: CallOptions): Promise<RolloutEndpoint>;
  /** Lists endpoints and the version that answers at each. */
  endpoints(input?: RolloutEndpointsInput, options?: CallOptions): Promise<RolloutEndpoints>;
  /** Shows a rollout with the evidence of each guard. */
  get(input: RolloutGetInput, options?: CallOptions): Promise<RolloutGet>;
  /** Lists rollouts, newest first. */
  list(input?: RolloutListInput, options?: CallOptions): Promise<RolloutList>;
  /** Starts a candidate on its way. A rollout under way is superseded; the first version of an endpoint is promoted at once. */
  start(input: RolloutStartInput, options?: CallOptions): Promise<Rollout>;
}

export function createRolloutClient(send: Send): RolloutClient {
  return {
    decide: ({ rollout, ...body }, options) =>
      send({ method: 'POST', path: `/rollouts/${encodeURIComponent(rollout)}/decisions`, body, options }),
    endpoint: ({ endpoint }, options) => send({ method: 'GET', path: `/endpoints/${encodeURIComponent(endpoint)}`, options }),
    endpoints: (query, options) => send({ method: 'GET', path: '/endpoints', query, options }),
    get: ({ rollout }, options) => send({ method: 'GET', path: `/rollouts/${encodeURIComponent(rollout)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/rollouts', query, options }),
    start: (body, options) => send({ method: 'POST', path: '/rollouts', body, options }),
  };
}
