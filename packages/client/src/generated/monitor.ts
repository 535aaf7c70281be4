// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface MonitorGetInput {
  readonly monitor: string;
}

export interface MonitorGet {
  readonly name: string;
  readonly endpoint: string;
  readonly bucket_ms: number;
  readonly window_buckets: number;
  readonly min_rows: number;
  readonly drift: {
    readonly features: readonly string[];
    readonly delta: number;
    readonly q: number;
    readonly flags: number;
    readonly of: number;
  };
  readonly quality: {
    readonly adwin_delta: number;
    readonly max_error_rate: number | null;
    readonly max_false_positive_rate: number | null;
  };
  readonly webhook: string | null;
}

export interface MonitorListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface MonitorList {
  readonly items: readonly MonitorGet[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface MonitorWindowsInput {
  readonly monitor: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  /** Only of this model version. */
  readonly version?: number | undefined;
}

export interface MonitorWindowsItem {
  readonly monitor: string;
  /** Model version. */
  readonly version: number;
  readonly start: string;
  readonly end: string;
  readonly rows: number;
  readonly status: 'ok' | 'drift' | 'not_enough_data';
  readonly drift: readonly {
    readonly feature: string;
    /** PSI. */
    readonly effect: number | 'NaN' | 'Infinity' | '-Infinity';
    /** A number; "NaN", "Infinity" or "-Infinity" as text. */
    readonly low: number | 'NaN' | 'Infinity' | '-Infinity';
    /** A number; "NaN", "Infinity" or "-Infinity" as text. */
    readonly high: number | 'NaN' | 'Infinity' | '-Infinity';
    /** A number; "NaN", "Infinity" or "-Infinity" as text. */
    readonly p: number | 'NaN' | 'Infinity' | '-Infinity';
    /** p after Benjamini-Hochberg over the features. */
    readonly adjusted: number | 'NaN' | 'Infinity' | '-Infinity';
    readonly flagged: boolean;
  }[];
  readonly quality: {
    readonly true_positive: number;
    readonly false_positive: number;
    readonly true_negative: number;
    readonly false_negative: number;
  };
  /** Judged again after late rows. */
  readonly revised: boolean;
}

export interface MonitorWindows {
  readonly items: readonly MonitorWindowsItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface MonitorClient {
  /** Shows a monitor. */
  get(input: MonitorGetInput, options?: CallOptions): Promise<MonitorGet>;
  /** Lists monitors. */
  list(input?: MonitorListInput, options?: CallOptions): Promise<MonitorList>;
  /** Lists closed windows, newest first, with the drift of each feature and the counts of labelled predictions. */
  windows(input: MonitorWindowsInput, options?: CallOptions): Promise<MonitorWindows>;
}

export function createMonitorClient(send: Send): MonitorClient {
  return {
    get: ({ monitor }, options) => send({ method: 'GET', path: `/monitors/${encodeURIComponent(monitor)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/monitors', query, options }),
    windows: ({ monitor, ...query }, options) =>
      send({ method: 'GET', path: `/monitors/${encodeURIComponent(monitor)}/windows`, query, options }),
  };
}
