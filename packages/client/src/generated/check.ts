// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';

export interface CheckInferInput {
  /** `name:version`, or `name` for the latest. */
  readonly dataset: string;
  readonly folder?: string | undefined;
  readonly name?: string | undefined;
}

export interface CheckInfer {
  readonly ref: string;
  readonly rows: number;
  readonly suite: CheckShow;
}

export interface CheckListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface CheckShow {
  readonly name: string;
  readonly dataset: string;
  readonly expectations: readonly {
    readonly type: string;
    readonly kwargs: Readonly<Record<string, JsonValue>>;
    readonly severity: 'critical' | 'warning' | 'info';
    readonly environments?: readonly string[];
  }[];
  readonly environments?: Readonly<
    Record<
      string,
      {
        readonly without: readonly string[];
      }
    >
  >;
  /** Judges each new version of its dataset by itself. */
  readonly automatic?: boolean;
}

export interface CheckList {
  readonly items: readonly CheckShow[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface CheckRunInput {
  readonly suite: string;
  /** `name:version`, or `name` for the latest. */
  readonly dataset: string;
  readonly folder?: string | undefined;
  readonly environment?: string | undefined;
  /** Judge anew, and put the verdict in the place of an earlier one. */
  readonly again?: boolean | undefined;
}

export interface CheckRun {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly suite: string;
  readonly suite_digest: string;
  readonly environment: string | null;
  readonly verdict: 'passed' | 'failed' | 'error';
  readonly at: string;
  readonly results: readonly {
    readonly expectation: {
      readonly type: string;
      readonly kwargs: Readonly<Record<string, JsonValue>>;
      readonly severity: 'critical' | 'warning' | 'info';
      readonly environments?: readonly string[];
    };
    readonly outcome: 'passed' | 'failed' | 'error';
    /** Rows that the row condition lets through. */
    readonly element_count: number;
    /** Of these, the ones with nothing to look at; null where rows are not counted. */
    readonly missing_count: number | null;
    readonly unexpected_count: number;
    readonly observed: JsonValue;
    /** Up to 20 values that broke it. */
    readonly samples: readonly JsonValue[];
    /** Where the samples are, the first row being 1. */
    readonly rows: readonly number[];
    readonly note: string | null;
  }[];
}

export interface CheckShowInput {
  readonly suite: string;
}

export interface CheckClient {
  /** Proposes a suite from what a version holds, for somebody to review. Nothing is stored. */
  infer(input: CheckInferInput, options?: CallOptions): Promise<CheckInfer>;
  /** Lists check suites. */
  list(input?: CheckListInput, options?: CallOptions): Promise<CheckList>;
  /** Judges a dataset version by a suite and marks it accepted or rejected. The same pair is judged once. */
  run(input: CheckRunInput, options?: CallOptions): Promise<CheckRun>;
  /** Shows a check suite. */
  show(input: CheckShowInput, options?: CallOptions): Promise<CheckShow>;
}

export function createCheckClient(send: Send): CheckClient {
  return {
    infer: (body, options) => send({ method: 'POST', path: '/checks/infer', body, options }),
    list: (query, options) => send({ method: 'GET', path: '/checks', query, options }),
    run: ({ suite, ...body }, options) => send({ method: 'POST', path: `/checks/${encodeURIComponent(suite)}/runs`, body, options }),
    show: ({ suite }, options) => send({ method: 'GET', path: `/checks/${encodeURIComponent(suite)}`, options }),
  };
}
