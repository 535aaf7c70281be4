import type { DatasetRef } from '../dataset/types.ts';
import type { RunInput } from '../experiment/types.ts';
import type { Digest } from '../ports/clock.ts';

export type ModelStage = 'None' | 'Staging' | 'Production' | 'Archived';

export interface Model {
  readonly name: string;
  readonly createdAt: number;
}

export interface ModelVersion {
  readonly model: string;
  /** 1, 2, 3, … per model. */
  readonly version: number;
  /** Manifest of the package: an MLflow model directory. */
  readonly package: Digest;
  readonly run: string | null;
  readonly task: string | null;
  /** Data versions it was trained on. */
  readonly inputs: readonly RunInput[];
  /** Frozen data it is to be judged on. */
  readonly evaluation: DatasetRef | null;
  readonly stage: ModelStage;
  readonly description: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** Registering twice under one key gives one version. */
  readonly key: string;
  readonly revision: number;
}

export interface ModelAlias {
  readonly model: string;
  readonly alias: string;
  readonly version: number;
}

/** Features that the endpoint looks up by entity key and adds to a request. */
export interface ModelFeatures {
  readonly view: string;
  readonly entity: string;
  readonly features: readonly string[];
}

/** What Pawl reads out of a package's MLmodel. */
export interface ModelSpec {
  /** Path of the ONNX file inside the package. */
  readonly onnx: string;
  readonly features: readonly ModelFeatures[];
  /** Output with the class decided. */
  readonly label: string;
  /** Output with the probability of the positive class. */
  readonly score: string;
}
