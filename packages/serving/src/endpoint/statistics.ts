/** What was answered, by version, since the process began: counts, times and sizes that only grow. */

/** Upper bounds in seconds, of requests that take from a fraction of a millisecond to seconds. */
export const LATENCY_BOUNDS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface Span {
  readonly count: number;
  readonly ms: number;
}

export interface VersionStatistics {
  readonly version: number;
  /** Of the last good answer, epoch ms; 0: none yet. */
  readonly lastAnswer: number;
  /** Rows of good answers. */
  readonly rows: number;
  readonly success: Span;
  readonly failure: Span;
  /** Requests by outcome: `ok`, or the code of what went wrong. */
  readonly codes: ReadonlyMap<string, number>;
  /** Requests whose latency is within the bound of the same index and above the one before; the last counts those above all. */
  readonly latencies: readonly number[];
}

interface Counts {
  lastAnswer: number;
  rows: number;
  success: { count: number; ms: number };
  failure: { count: number; ms: number };
  codes: Map<string, number>;
  latencies: number[];
}

export interface Statistics {
  /** @param time of the answer, epoch ms */
  add(version: number, code: string, rows: number, latencyMs: number, time: number): void;
  read(): readonly VersionStatistics[];
}

export function createStatistics(): Statistics {
  const versions = new Map<number, Counts>();
  return {
    add(version, code, rows, latencyMs, time) {
      let counts = versions.get(version);
      if (counts === undefined) {
        const none = { count: 0, ms: 0 };
        const latencies = Array.from({ length: LATENCY_BOUNDS.length + 1 }, () => 0);
        counts = { lastAnswer: 0, rows: 0, success: { ...none }, failure: { ...none }, codes: new Map(), latencies };
        versions.set(version, counts);
      }
      const span = code === 'ok' ? counts.success : counts.failure;
      span.count += 1;
      span.ms += latencyMs;
      if (code === 'ok') {
        counts.rows += rows;
        counts.lastAnswer = time;
      }
      counts.codes.set(code, (counts.codes.get(code) ?? 0) + 1);
      const bound = LATENCY_BOUNDS.findIndex((seconds) => latencyMs <= seconds * 1000);
      const at = bound === -1 ? LATENCY_BOUNDS.length : bound;
      counts.latencies[at] = (counts.latencies[at] ?? 0) + 1;
    },
    read: () => Array.from(versions, ([version, counts]) => ({ version, ...counts })),
  };
}
