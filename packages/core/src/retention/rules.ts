import type { Hold } from '../gc/types.ts';
import type { AgedPrediction, ReaderPosition, RetentionPolicy } from './types.ts';

/** Streams that readers follow by a number: rows up to the slowest of them may go. */
export const PREDICTION_READERS = { rollout: 'rollout predictions', monitor: 'monitor predictions' } as const;
export const LABEL_READERS = { rollout: 'rollout labels', monitor: 'monitor labels' } as const;

/** Cursor of one monitor on a stream: one more than the last number it has read, and 0 before it began. */
export const monitorCursor = (stream: string, monitor: string): string => `${stream} of ${monitor}`;

/** How far the slowest reader of a stream has come, and which that is; everything when nobody reads. */
export interface ReadTo {
  readonly seq: number;
  readonly by: string;
}

/** Who reads what, out of all cursors. A cursor of a monitor that is no more holds nothing back. */
export function readPositions(
  cursors: readonly ReaderPosition[],
  monitors: readonly string[],
): { readonly predictions: ReadTo; readonly labels: ReadTo; readonly events: ReadTo } {
  const streams = [PREDICTION_READERS, LABEL_READERS].map(({ rollout, monitor }) => {
    const own = monitors.map((name) => monitorCursor(monitor, name));
    return cursors.flatMap(({ name, seq }): ReaderPosition[] => {
      if (name === rollout || name === monitor) return [{ name, seq }];
      return own.includes(name) && seq > 0 ? [{ name, seq: seq - 1 }] : [];
    });
  });
  const [predictions = [], labels = []] = streams;
  const stream = ({ name }: ReaderPosition): boolean =>
    [PREDICTION_READERS, LABEL_READERS].some(
      ({ rollout, monitor }) => name === rollout || name === monitor || name.startsWith(monitorCursor(monitor, '')),
    );
  return { predictions: slowest(predictions), labels: slowest(labels), events: slowest(cursors.filter((one) => !stream(one))) };
}

function slowest(positions: readonly ReaderPosition[]): ReadTo {
  return positions.reduce<ReadTo>((least, { name, seq }) => (seq < least.seq ? { seq, by: name } : least), { seq: Infinity, by: '' });
}

/** Something that still looks back at the predictions of an endpoint. */
export interface Need {
  readonly endpoint: string;
  /** Served from then on they stay. */
  readonly from: number;
  readonly by: Hold;
}

/** Which predictions go. */
export interface PredictionCut {
  /** Those served before this time. */
  readonly before: number;
  /** And those up to this number, whatever their age. */
  readonly beyond: number;
  readonly read: ReadTo;
  readonly labelsRead: ReadTo;
  readonly needs: ReadonlyMap<string, Need>;
}

export function predictionCut(
  policy: RetentionPolicy,
  now: number,
  newest: number,
  read: { readonly predictions: ReadTo; readonly labels: ReadTo },
  needs: readonly Need[],
): PredictionCut {
  const byEndpoint = new Map<string, Need>();
  for (const need of needs) if (need.from < (byEndpoint.get(need.endpoint)?.from ?? Infinity)) byEndpoint.set(need.endpoint, need);
  return {
    before: policy.predictionMs === null ? -Infinity : now - policy.predictionMs,
    beyond: policy.predictionRows === null ? -Infinity : newest - policy.predictionRows,
    read: read.predictions,
    labelsRead: read.labels,
    needs: byEndpoint,
  };
}

/** Whether a prediction stays for its age, goes, or would go but for what needs it. */
export function judgePrediction(cut: PredictionCut, { seq, endpoint, time, lastChange }: AgedPrediction): 'stays' | 'goes' | Hold {
  if (time >= cut.before && seq > cut.beyond) return 'stays';
  if (seq > cut.read.seq) return toReader(cut.read);
  if (lastChange !== null && lastChange > cut.labelsRead.seq) return toReader(cut.labelsRead);
  const need = cut.needs.get(endpoint);
  return need !== undefined && time >= need.from ? need.by : 'goes';
}

export const toReader = ({ by }: ReadTo): Hold => ({ kind: 'reader', name: by });
