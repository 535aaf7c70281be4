import type { PredictionRecord } from './types.ts';

export interface StoredPrediction extends PredictionRecord {
  /** Grows by commit order. */
  readonly seq: number;
}

export interface Label {
  readonly endpoint: string;
  readonly prediction: string;
  readonly row: number;
  /** The truth. */
  readonly value: boolean;
  /** When it was known, epoch ms; the newest wins. */
  readonly time: number;
}

export interface StoredLabel extends Label {
  /** Grows by commit order with each join and change; 0 while the label waits. */
  readonly seq: number;
  /** The value it replaced, when it corrects an earlier label that was joined. */
  readonly replaced: boolean | null;
  /** Whether its prediction is stored; a label may come first and waits. */
  readonly joined: boolean;
}

export interface PredictionReader {
  get(id: string): Promise<readonly StoredPrediction[]>;
  /** Oldest first. */
  after(seq: number, limit: number): Promise<readonly StoredPrediction[]>;
  /**
   * Every join and every change of a joined label, oldest first, each with the prediction it speaks of. An earlier value stays in the
   * stream before the one that replaced it, so a reader that adds `value` and takes off `replaced` has right sums, however far behind it reads.
   */
  labelsAfter(seq: number, limit: number): Promise<readonly { readonly label: StoredLabel; readonly prediction: StoredPrediction }[]>;
  label(prediction: string, row: number): Promise<StoredLabel | undefined>;
  count(endpoint: string): Promise<{ readonly predictions: number; readonly labelled: number; readonly waiting: number }>;
  /** The position up to which a named spool was taken in. */
  spoolPosition(spool: string): Promise<string | undefined>;
}

export interface PredictionStore extends PredictionReader {
  /** Ignores (id, row) already there, and joins labels that waited. */
  insert(records: readonly PredictionRecord[]): Promise<void>;
  /**
   * Upsert by (prediction, row): the newest by its own time wins, of equally old ones the first; the same again is a no-op. A joined label
   * gets a new seq when its value changes, and has its prediction's endpoint.
   */
  putLabels(labels: readonly Label[]): Promise<void>;
  setSpoolPosition(spool: string, position: string): Promise<void>;
}
