import type { AgedEvent, AgedPrediction, LogKind, ReaderPosition } from './types.ts';

export interface RetentionReader {
  /** Every cursor that is kept, of events, predictions and labels alike. */
  cursors(): Promise<readonly ReaderPosition[]>;
  /** Highest numbers given so far; 0 where there is none. */
  newest(): Promise<{ readonly prediction: number; readonly event: number }>;
  /** Oldest first. */
  predictions(after: number, limit: number): Promise<readonly AgedPrediction[]>;
  events(after: number, limit: number): Promise<readonly AgedEvent[]>;
  /** Whose logs are there although they ended before that time: runs or tasks, by id. */
  logs(kind: LogKind, before: number, after: string, limit: number): Promise<readonly string[]>;
  /** How many labels older than that still wait for their prediction. */
  waitingLabels(before: number): Promise<number>;
}

export interface RetentionStore extends RetentionReader {
  /** With their labels; but for those whose label has changed after that number. Gives how many went. */
  removePredictions(seqs: readonly number[], labelsReadTo: number): Promise<number>;
  removeEvents(seqs: readonly number[]): Promise<number>;
  /** Up to so many rows of one log, oldest first; gives how many. */
  removeLog(kind: LogKind, owner: string, limit: number): Promise<number>;
  removeWaitingLabels(before: number, limit: number): Promise<number>;
}
