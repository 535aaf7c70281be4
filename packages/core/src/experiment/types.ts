import type { DatasetRef } from '../dataset/types.ts';
import type { Digest } from '../ports/digest.ts';

/** What is deleted can be read and restored, and takes no more records. */
export type Lifecycle = 'active' | 'deleted';

export interface Experiment {
  /** 0 is `Default`. */
  readonly id: number;
  /** Taken as long as the experiment is there, deleted or not. */
  readonly name: string;
  /** Where it lies among experiments; empty for the root. Scripts name an experiment, so moving it leaves the name as it is. See `folderOfName`. */
  readonly folder: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Where its maker wanted the artifacts; null for where the server keeps them. See `toExperimentRoot`. */
  readonly artifactLocation: string | null;
  readonly lifecycle: Lifecycle;
  readonly tags: Readonly<Record<string, string>>;
}

export type RunStatus = 'scheduled' | 'running' | 'finished' | 'failed' | 'killed';

/** The commit a run's code came from; `patch` is the digest of the uncommitted difference, null when the tree was clean. */
export interface CodeVersion {
  readonly commit: string;
  readonly branch: string | null;
  readonly patch: Digest | null;
}

export interface RunInput extends DatasetRef {
  /** What the run used it for, such as `training` or `evaluation`. */
  readonly role: string;
}

/** A run without what was logged to it. */
export interface RunHead {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly code: CodeVersion | null;
  /** Such as node version, platform, lock digest. */
  readonly environment: Readonly<Record<string, string>>;
  /** As the client names itself; empty when it does not. */
  readonly user: string;
  readonly lifecycle: Lifecycle;
  /** Root of its artifacts for clients. */
  readonly artifactUri: string;
}

export interface Run extends RunHead {
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Metric {
  readonly run: string;
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly time: number;
}

/** Data that a client describes by itself, by name and digest in its experiment; versions kept here are a `RunInput`. */
export interface LoggedDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
  /** Of its use by the run; `mlflow.data.context` tells what for, and one dataset may serve several. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface ModelOutput {
  readonly model: string;
  readonly step: number;
}

/** What a run used and made. */
export interface RunLinks {
  readonly datasets: readonly LoggedDataset[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly ModelOutput[];
}

/** A run with the last value of each metric by (step, time, value). */
export interface RunDetail extends RunLinks {
  readonly run: Run;
  readonly metrics: readonly Metric[];
}

export interface Artifact {
  readonly run: string;
  /** Relative, forward slashes. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
}
