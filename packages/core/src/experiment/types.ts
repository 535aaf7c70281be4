import type { DatasetRef } from '../dataset/types.ts';
import type { Digest } from '../ports/clock.ts';

export interface Experiment {
  /** 0 is `Default`. */
  readonly id: number;
  readonly name: string;
  readonly createdAt: number;
}

export type RunStatus = 'running' | 'finished' | 'failed' | 'killed';

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

export interface Run {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly code: CodeVersion | null;
  /** Such as node version, platform, lock digest. */
  readonly environment: Readonly<Record<string, string>>;
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

export interface Artifact {
  readonly run: string;
  /** Relative, forward slashes. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
}
