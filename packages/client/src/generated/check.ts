// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';

export interface CheckListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface CheckListItem {
  readonly name: string;
  readonly dataset: string;
  readonly expectations: readonly {
    readonly type: string;
    readonly kwargs: Readonly<Record<string, JsonValue>>;
    readonly severity: 'critical' | 'warning' | 'info';
  }[];
}

export interface CheckList {
  readonly items: readonly CheckListItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface CheckRunInput {
  readonly suite: string;
  /** `name:version`, or `name` for the latest. */
  readonly dataset: string;
  readonly folder?: string | undefined;
}

export interface CheckRun {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly suite: string;
  readonly suite_digest: string;
  readonly verdict: 'passed' | 'failed' | 'error';
  readonly at: string;
  readonly results: readonly {
    readonly expectation: {
      readonly type: string;
      readonly kwargs: Readonly<Record<string, JsonValue>>;
      readonly severity: 'critical' | 'warning' | 'info';
    };
    readonly outcome: 'passed' | 'failed' | 'error';
    readonly element_count: number;
    readonly unexpected_count: number;
    readonly observed: JsonValue;
    readonly samples: readonly JsonValue[];
    readonly note: string | null;
  }[];
}

export interface CheckClient {
  /** Lists check suites. */
  list(input?: CheckListInput, options?: CallOptions): Promise<CheckList>;
  /** Judges a dataset version by a suite and marks it accepted or rejected. The same pair is judged once. */
  run(input: CheckRunInput, options?: CallOptions): Promise<CheckRun>;
}

export function createCheckClient(send: Send): CheckClient {
  return {
    list: (query, options) => send({ method: 'GET', path: '/checks', query, options }),
    run: ({ suite, ...body }, options) => send({ method: 'POST', path: `/checks/${encodeURIComponent(suite)}/runs`, body, options }),
  };
}
