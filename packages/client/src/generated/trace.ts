// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { JsonValue } from '@pawl/core';
import type { CallOptions, Send } from '../request.ts';

export interface TraceDeleteInput {
  readonly traces?: readonly string[] | undefined;
  /** By number or name; with `until`. */
  readonly experiment?: string | undefined;
  readonly until?: string | undefined;
  /** At most so many, the oldest. */
  readonly most?: number | undefined;
  /** Only counts. */
  readonly dry_run?: boolean | undefined;
}

export interface TraceDelete {
  readonly deleted: number;
  readonly dry_run: boolean;
}

export interface TraceGetInput {
  readonly trace: string;
}

export interface TraceGet {
  readonly trace: TraceTag;
  readonly spans: readonly {
    readonly id: string;
    readonly parent: string | null;
    readonly name: string;
    readonly status: 'unset' | 'ok' | 'error';
    readonly message: string;
    /** Nanoseconds since 1970, as text: no JSON number holds them. */
    readonly started_at_ns: string;
    readonly ended_at_ns: string | null;
    /** Integers beyond 2^53, NaN and infinities are texts. */
    readonly attributes: Readonly<Record<string, JsonValue>>;
    readonly events: readonly {
      readonly name: string;
      /** Nanoseconds since 1970, as text: no JSON number holds them. */
      readonly time_ns: string;
      readonly attributes: Readonly<Record<string, JsonValue>>;
    }[];
    readonly links: readonly {
      readonly trace: string;
      readonly span: string;
      readonly attributes: Readonly<Record<string, JsonValue>>;
    }[];
  }[];
}

export interface TraceSearchInput {
  /** By number or name. */
  readonly experiments: readonly string[];
  /** Such as `state = 'ERROR' AND span.type = 'LLM'`. */
  readonly filter?: string | undefined;
  /** Such as `execution_time_ms DESC`; newest first otherwise. */
  readonly order_by?: readonly string[] | undefined;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before, to the same search. */
  readonly after?: string | undefined;
}

export interface TraceTag {
  readonly id: string;
  readonly experiment: number;
  /** Of its root span; may be empty. */
  readonly name: string;
  readonly state: 'in_progress' | 'ok' | 'error' | 'unspecified';
  readonly started_at: string;
  readonly duration_ms: number | null;
  /** What went in, cut short. */
  readonly request: string | null;
  /** What came out, cut short. */
  readonly response: string | null;
  readonly client_request_id: string | null;
  readonly spans: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly assessments: readonly {
    readonly id: string;
    readonly span: string | null;
    readonly name: string;
    readonly kind: 'feedback' | 'expectation';
    readonly value: JsonValue;
    readonly error: {
      readonly code: string;
      readonly message: string;
    } | null;
    readonly source: {
      readonly type: string;
      readonly id: string;
    };
    readonly rationale: string | null;
    readonly metadata: Readonly<Record<string, string>>;
    readonly created_at: string;
    readonly updated_at: string;
    readonly overrides: string | null;
    readonly valid: boolean;
  }[];
}

export interface TraceSearch {
  readonly items: readonly TraceTag[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface TraceTagInput {
  readonly trace: string;
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

export interface TraceClient {
  /** Deletes traces for good, with their spans, assessments and files: by id, or the old ones of an experiment. */
  delete(input?: TraceDeleteInput, options?: CallOptions): Promise<TraceDelete>;
  /** Gives a trace with its spans, roots first, then as they began. */
  get(input: TraceGetInput, options?: CallOptions): Promise<TraceGet>;
  /** Finds traces of experiments by their attributes, tags, spans and assessments. */
  search(input: TraceSearchInput, options?: CallOptions): Promise<TraceSearch>;
  /** Sets and removes tags of a trace. */
  tag(input: TraceTagInput, options?: CallOptions): Promise<TraceTag>;
}

export function createTraceClient(send: Send): TraceClient {
  return {
    delete: (body = {}, options) => send({ method: 'POST', path: '/traces/delete', body, options }),
    get: ({ trace }, options) => send({ method: 'GET', path: `/traces/${encodeURIComponent(trace)}`, options }),
    search: (body, options) => send({ method: 'POST', path: '/traces/search', body, options }),
    tag: ({ trace, ...body }, options) => send({ method: 'POST', path: `/traces/${encodeURIComponent(trace)}/tags`, body, options }),
  };
}
