import type { PartitionUnit } from '../schedule/partitions.ts';

export type BackfillState = 'running' | 'paused' | 'canceled' | 'ended';

/** Runs of a pipeline over the partitions of a range. */
export interface Backfill {
  /** Derived from what was asked: asking again gives the same. */
  readonly id: string;
  readonly pipeline: string;
  /** The definition that was there when it was asked. */
  readonly specDigest: string;
  readonly unit: PartitionUnit;
  readonly timezone: string;
  /** Epoch ms, the end not included. */
  readonly from: number;
  readonly to: number;
  readonly params: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly order: 'oldest' | 'newest';
  /** Whether what succeeded before runs again. */
  readonly force: boolean;
  readonly state: BackfillState;
  readonly actor: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly revision: number;
}

/** `skipped`: a run of this definition succeeded before. The other states after `waiting` are those of its run. */
export type PartitionState = 'waiting' | 'skipped' | 'refused' | 'running' | 'succeeded' | 'failed' | 'canceled';

export interface BackfillPartition {
  readonly backfill: string;
  /** Place in the order in which they start. */
  readonly place: number;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly run: string | null;
  readonly state: PartitionState;
  readonly reason: string;
}
