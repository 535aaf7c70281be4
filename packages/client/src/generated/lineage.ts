// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { ModelLineage } from './types.ts';

export interface LineageModelInput {
  readonly model: string;
  /** A version number: 1, 2, 3, … */
  readonly version: number;
}

export interface LineagePredictionInput {
  readonly prediction: string;
}

export interface LineagePrediction {
  readonly prediction: {
    readonly id: string;
    readonly row: number;
    readonly endpoint: string;
    readonly model: string;
    readonly version: number;
    readonly rollout: string | null;
    readonly arm: 'stable' | 'candidate';
    readonly candidate_weight: number | null;
    readonly request_id: string | null;
    readonly time: string;
    readonly latency_ms: number;
    /** `ok`, or the code of what went wrong. */
    readonly code: string;
    readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
    readonly outputs: Readonly<Record<string, string | number | boolean | null>>;
  };
  readonly label: {
    readonly value: boolean;
    readonly time: string;
  } | null;
  readonly model: ModelLineage;
}

export interface LineageClient {
  /** Shows everything behind one model version. */
  model(input: LineageModelInput, options?: CallOptions): Promise<ModelLineage>;
  /** Shows everything behind one answer: model version, run, data, gate and rollout. */
  prediction(input: LineagePredictionInput, options?: CallOptions): Promise<LineagePrediction>;
}

export function createLineageClient(send: Send): LineageClient {
  return {
    model: ({ model, version }, options) =>
      send({ method: 'GET', path: `/lineage/models/${encodeURIComponent(model)}/${encodeURIComponent(version)}`, options }),
    prediction: ({ prediction }, options) =>
      send({ method: 'GET', path: `/lineage/predictions/${encodeURIComponent(prediction)}`, options }),
  };
}
