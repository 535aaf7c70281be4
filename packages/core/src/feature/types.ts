/** Where rows of a feature view come from: which rows count as an event, and when each became known. */
export interface FeatureStream {
  readonly name: string;
  /** Column of the event's time (epoch ms): the event counts from this moment on. */
  readonly timeColumn: string;
  /** Boolean column that must be true for a row to be an event of this stream; null: every row is. */
  readonly where: string | null;
}

export interface WindowFeature {
  readonly name: string;
  readonly stream: string;
  readonly aggregate: 'count';
  readonly windowMs: number;
}

/**
 * Windowed counts per entity key, defined once for both executions: DuckDB over a dataset version (training) and the online store (serving).
 * A value at time t counts events with `tail(t, window) ≤ time < t`: an event never counts itself.
 */
export interface FeatureView {
  readonly name: string;
  /** Column that holds the entity key, in the dataset and in requests. */
  readonly entity: string;
  /** Dataset whose versions hold the history. */
  readonly dataset: string;
  /** Column that identifies a row, so that pushing it twice counts once. */
  readonly idColumn: string;
  readonly streams: readonly FeatureStream[];
  readonly features: readonly WindowFeature[];
}

export interface FeatureEvent {
  readonly view: string;
  readonly stream: string;
  readonly key: string;
  /** Id of the row; (view, stream, id) is unique. */
  readonly id: string;
  readonly time: number;
}

/** Feature name → value. */
export type FeatureVector = Readonly<Record<string, number>>;
