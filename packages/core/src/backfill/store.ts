import type { Page, PageRequest } from '../ports/page.ts';
import type { Backfill, BackfillPartition, BackfillState, PartitionState } from './types.ts';

export interface BackfillReader {
  get(id: string): Promise<Backfill | undefined>;
  /** Newest first. */
  list(filter: { readonly pipeline?: string; readonly state?: BackfillState }, page: PageRequest): Promise<Page<Backfill>>;
  running(): Promise<readonly Backfill[]>;
  /** In the order in which they start. */
  partitions(id: string, page: PageRequest): Promise<Page<BackfillPartition>>;
  counts(id: string): Promise<Readonly<Partial<Record<PartitionState, number>>>>;
  /** The first partitions of a state. */
  first(id: string, state: PartitionState, limit: number): Promise<readonly BackfillPartition[]>;
}

export interface BackfillStore extends BackfillReader {
  /** False when it is there. */
  insert(backfill: Backfill, partitions: readonly BackfillPartition[]): Promise<boolean>;
  /** Compare-and-set on `revision`. */
  update(backfill: Backfill, expectedRevision: number): Promise<boolean>;
  /** Gives a partition its run, or says why it has none; false when it does not wait any more. */
  settle(partition: BackfillPartition): Promise<boolean>;
  /** Makes what failed, was canceled or was refused wait again. */
  reset(id: string): Promise<void>;
}
