import type { ArtifactFile } from '../artifact/types.ts';
import type {
  ImportedExperiment,
  ImportedLoggedModel,
  ImportedModel,
  ImportedModelMetric,
  ImportedRun,
  ImportedSeries,
  ImportedVersion,
} from './types.ts';

/** Told of everything in a store that cannot be read or kept as it is; reading goes on with the rest. `place` names it as its owner knows it. */
export type ReportProblem = (place: string, problem: string) => void;

export interface SourceExperiment extends Omit<ImportedExperiment, 'artifactLocation'> {
  /** Where the store has its artifacts; may be empty. */
  readonly artifactLocation: string;
}

export interface SourceRun extends Omit<ImportedRun, 'experiment' | 'artifactUri'> {
  /** Its number in the store. */
  readonly experiment: string;
  readonly artifactUri: string;
}

export interface SourceLoggedModel extends Omit<ImportedLoggedModel, 'experiment'> {
  readonly experiment: string;
  readonly artifactUri: string;
  readonly metrics: readonly ImportedModelMetric[];
}

export interface SourceVersion extends Omit<ImportedVersion, 'source'> {
  readonly source: string;
  /** Where its run has its artifacts; null when it has no run, or that is not there. */
  readonly runArtifactUri: string | null;
}

/** How much there is to come; null where counting would be reading. */
export interface SourceCounts {
  readonly experiments: number;
  readonly runs: number;
  readonly points: number | null;
  readonly loggedModels: number;
  readonly models: number;
  readonly versions: number;
}

/** A store of experiments and models that can be read piece by piece; nothing of it is held whole, and nothing is written. */
export interface ImportSource {
  /** As people name it, without passwords. */
  readonly name: string;
  /** Such as `MLflow database`. */
  readonly kind: string;
  /** Folders in which its files may be looked for without being named. */
  readonly folders: readonly string[];
  counts(): Promise<SourceCounts>;
  experiments(): AsyncIterable<SourceExperiment>;
  runs(): AsyncIterable<SourceRun>;
  /** All points of a run, each once: those of a metric in pieces after each other, in the order of `comparePoints`. */
  history(run: SourceRun): AsyncIterable<ImportedSeries>;
  loggedModels(): AsyncIterable<SourceLoggedModel>;
  models(): AsyncIterable<ImportedModel>;
  /** By model and number. */
  versions(): AsyncIterable<SourceVersion>;
  /** Files of a run or logged model that are kept by digest in a folder; where this is absent, their URI tells. */
  files?(owner: SourceRun | SourceLoggedModel): { readonly folder: string; readonly files: readonly ArtifactFile[] };
  /** What is there and has no place here, with how many. */
  leftOut(): Promise<readonly { readonly what: string; readonly count: number }[]>;
  close(): Promise<void>;
}
