import type { DatasetRef } from '../dataset/types.ts';
import type { RunInput } from '../experiment/types.ts';
import type { Digest } from '../ports/digest.ts';
import type { ModelSchema } from './schema.ts';

export type ModelStage = 'None' | 'Staging' | 'Production' | 'Archived';

export const modelStages: readonly ModelStage[] = ['None', 'Staging', 'Production', 'Archived'];

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The highest number a version of it ever had: numbers of deleted versions are not given again. */
  readonly lastVersion: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
}

export interface ModelVersion {
  readonly model: string;
  /** 1, 2, 3, … per model. */
  readonly version: number;
  /** Manifest of the package: an MLflow model directory. Null when its files are not stored here. */
  readonly package: Digest | null;
  /** URI of its files as registered; null when they came as a package. */
  readonly source: string | null;
  /** Where `source` led when it was registered. */
  readonly location: string | null;
  readonly loggedModel: string | null;
  readonly run: string | null;
  readonly runLink: string;
  readonly task: string | null;
  /** Data versions it was trained on. */
  readonly inputs: readonly RunInput[];
  /** Frozen data it is to be judged on. */
  readonly evaluation: DatasetRef | null;
  readonly stage: ModelStage;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  /** Null when it never entered Production by force. */
  readonly forced: ForcedEntry | null;
  /** Registering twice under one key gives one version. */
  readonly key: string;
  readonly revision: number;
}

/** How a version came into Production although its gate had not said PASS. */
export interface ForcedEntry {
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
  /** What the gate said, in words. */
  readonly verdict: string;
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

/** A model's file inside its package, and what wrote it. */
export interface ModelFile {
  /** `python`: whatever only Python can open, in a process of its own. */
  readonly format: 'onnx' | 'lightgbm' | 'xgboost' | 'python';
  /** Relative to the package; of `python`, the package itself: `.`. */
  readonly path: string;
  /** XGBoost: whether rounds after the best one of early stopping are left out, as its scikit-learn classes do. */
  readonly bestOnly: boolean;
}

/** What Pawl reads out of a package's MLmodel. */
export interface ModelSpec {
  readonly file: ModelFile;
  /** MLflow's name of what the file is, which says what its answers look like there. */
  readonly flavor: string;
  readonly features: readonly ModelFeatures[];
  readonly decision: DeclaredDecision;
  /** Null where the package has no signature. */
  readonly schema: ModelSchema | null;
  /** A request that the package brings along, as MLflow's scoring takes it: relative to the package. */
  readonly example: string | null;
}

/** What a package says of how its outputs decide between two classes; null: it is found by the outputs' names and types. */
export interface DeclaredDecision {
  /** Output with the class decided. */
  readonly label: string | null;
  /** Output with the probability of the positive class. */
  readonly score: string | null;
  /** The class that counts as positive. */
  readonly positive: string | number | boolean | null;
}
