/** How long what arrives by itself is kept. Null: for ever. */
export interface RetentionPolicy {
  readonly predictionMs: number | null;
  /** Most predictions kept, whatever their age. */
  readonly predictionRows: number | null;
  readonly eventMs: number | null;
  /** Console logs of runs and logs of pipeline steps, from their end on. */
  readonly logMs: number | null;
}

/** A prediction as far as its age goes. */
export interface AgedPrediction {
  readonly seq: number;
  readonly endpoint: string;
  /** When it was served, epoch ms. */
  readonly time: number;
  /** Number of the last change of its label; null without one. */
  readonly lastChange: number | null;
}

export interface AgedEvent {
  readonly seq: number;
  readonly time: number;
}

/** Where a reader stands; numbers up to `seq` it has read. */
export interface ReaderPosition {
  readonly name: string;
  readonly seq: number;
}

export type LogKind = 'console log' | 'step log';
