// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { ExperimentRecord, FileRecord, RunRecord, SeriesRecord } from './types.ts';

export interface ExportPointsInput {
  readonly run: string;
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface ExportPoints {
  readonly items: readonly SeriesRecord[];
  readonly next?: string;
}

export interface ExportRunInput {
  readonly run: string;
}

export interface ExportRun {
  readonly run: RunRecord;
  readonly experiment: ExperimentRecord;
  readonly files: readonly FileRecord[];
  readonly logged_models: readonly {
    readonly model: {
      readonly id: string;
      /** Number of the experiment on this server. */
      readonly experiment: number;
      readonly name: string;
      readonly type: string;
      readonly status: 'pending' | 'ready' | 'failed';
      readonly run: string | null;
      /** Whole number. */
      readonly created_at: number;
      /** Whole number. */
      readonly updated_at: number;
      readonly deleted_at: number | null;
      readonly params: Readonly<Record<string, string>>;
      readonly tags: Readonly<Record<string, string>>;
    };
    readonly metrics: readonly {
      readonly run: string;
      readonly key: string;
      /** A number; "NaN", "Infinity" or "-Infinity" as text. */
      readonly value: number | 'NaN' | 'Infinity' | '-Infinity';
      /** Whole number. */
      readonly step: number;
      /** Whole number. */
      readonly time: number;
      readonly dataset: {
        readonly name: string;
        readonly digest: string;
      } | null;
    }[];
    readonly files: readonly FileRecord[];
  }[];
  readonly digest: string;
  readonly points: number;
}

export interface ExportClient {
  /** Gives all points of a run, by metric, step and time. */
  points(input: ExportPointsInput, options?: CallOptions): Promise<ExportPoints>;
  /** Gives a run whole, as an import takes it: its record, its experiment and its files. */
  run(input: ExportRunInput, options?: CallOptions): Promise<ExportRun>;
}

export function createExportClient(send: Send): ExportClient {
  return {
    points: ({ run, ...query }, options) =>
      send({ method: 'GET', path: `/exports/runs/${encodeURIComponent(run)}/points`, query, options }),
    run: ({ run }, options) => send({ method: 'GET', path: `/exports/runs/${encodeURIComponent(run)}`, options }),
  };
}
