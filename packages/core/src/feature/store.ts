import type { FeatureEvent, FeatureView } from './types.ts';

export interface CountWindow {
  readonly stream: string;
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
}

export interface FeatureReader {
  view(name: string): Promise<FeatureView | undefined>;
  views(): Promise<readonly FeatureView[]>;
  /** Number of events of each key in each window: a row for each key, both in the order given. */
  counts(view: string, keys: readonly string[], windows: readonly CountWindow[]): Promise<readonly (readonly number[])[]>;
}

export interface FeatureStore extends FeatureReader {
  putView(view: FeatureView): Promise<void>;
  /** Adds events not yet known by (view, stream, id); returns how many were new. */
  push(events: readonly FeatureEvent[]): Promise<number>;
  /** Forgets events before `time`. */
  expire(view: string, time: number): Promise<number>;
}
