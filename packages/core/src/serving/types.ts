import type { Digest } from '../ports/digest.ts';
import type { FeatureVector } from '../feature/types.ts';
import type { ModelSpec } from '../model/types.ts';

export type ArmName = 'stable' | 'candidate';

export interface Arm {
  readonly name: ArmName;
  readonly version: number;
  readonly package: Digest;
  /** Share of traffic; the arms of a route add up to 1. */
  readonly weight: number;
}

/** How one endpoint's traffic goes, as the control plane last said. */
export interface EndpointRoute {
  readonly endpoint: string;
  readonly model: string;
  readonly rollout: string | null;
  readonly arms: readonly Arm[];
}

export interface Assignment {
  readonly arm: Arm;
  /** The candidate's weight when this request was routed; null outside a rollout. */
  readonly candidateWeight: number | null;
  /** Hash of (rollout, sticky key) as hex; null without a key. */
  readonly keyHash: string | null;
}

export type CellValue = number | string | boolean | null;

/** One row that an endpoint answered, for monitoring and lineage. */
export interface PredictionRecord {
  /** Prediction id of the request. */
  readonly id: string;
  /** Row within the request. */
  readonly row: number;
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
  readonly rollout: string | null;
  readonly arm: ArmName;
  readonly candidateWeight: number | null;
  readonly keyHash: string | null;
  /** The client's own id. */
  readonly requestId: string | null;
  readonly time: number;
  /** From the choice of the arm until its answer was ready: features, waiting and the model; not the reading of the request. */
  readonly latencyMs: number;
  /** Whether the positive class was decided; null for a model that does not decide between two classes, and for a failure. */
  readonly decided: boolean | null;
  /** `ok`, or the fault's code. */
  readonly code: string;
  /** Columns as the model saw them, features looked up included. */
  readonly inputs: Readonly<Record<string, CellValue>>;
  readonly outputs: Readonly<Record<string, CellValue>>;
}

/** A model package unpacked into the local cache, verified. */
export interface LocalModel {
  readonly folder: string;
  readonly spec: ModelSpec;
}

/** Port: gives a package by digest. Throws `model_package_invalid`, `blob_not_found`, `blob_corrupt`. */
export interface ModelSource {
  open(digest: Digest): Promise<LocalModel>;
}

/** How a model's Python is started. */
export interface PythonCommand {
  readonly command: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
}

/** Port: the Python for a package unpacked at `folder`, with what the package requires installed. Throws `python_unavailable`. */
export interface PythonSource {
  find(folder: string): Promise<PythonCommand>;
}

/** Port: current routes, and word of each change. */
export interface RouteSource {
  current(): readonly EndpointRoute[];
  subscribe(onChange: (routes: readonly EndpointRoute[]) => void): () => void;
}

/** Port: values of a view's features for keys at a moment (epoch ms), one vector a key, in order. */
export interface OnlineFeatures {
  lookup(view: string, keys: readonly string[], at: number): Promise<readonly FeatureVector[]>;
}

/** Port: takes records without making the answer wait. What was appended survives a kill of the process from the next microtask queued after the call on. */
export interface PredictionLog {
  append(records: readonly PredictionRecord[]): void;
  close(): Promise<void>;
}
