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
  /** Number of events of one key in each window, in the order given. */
  counts(view: string, key: string, windows: readonly CountWindow[]): Promise<readonly number[]>;
}

export interface FeatureStore extends FeatureReader {
  putView(view: FeatureView): Promise<void>;
  /** Adds events not yet known by (view, stream, id); returns how many were new. */
  push(events: readonly FeatureEvent[]): Promise<number>;
  /** Forgets events before `time`. */
  expire(view: string, time: number): Promise<number>;
}
