import type { Metric } from '../experiment/types.ts';

/** `pending` while its files are on their way. */
export type LoggedModelStatus = 'pending' | 'ready' | 'failed';

/** A model that training saved, before anybody registered it. Its files are the artifact tree `model/<id>`. */
export interface LoggedModel {
  /** `m-` and 32 hex digits. */
  readonly id: string;
  readonly experiment: number;
  /** Root of the experiment's artifacts that its files lie below, where it came from another experiment than its own. */
  readonly artifactRoot?: string;
  readonly name: string;
  /** What its framework calls it; may be empty. */
  readonly type: string;
  readonly status: LoggedModelStatus;
  /** The run that saved it. */
  readonly run: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A value that a run measured on this model. */
export interface LoggedModelMetric extends Metric {
  readonly model: string;
  /** What it was measured on; null when that was not told. */
  readonly dataset: { readonly name: string; readonly digest: string } | null;
}
