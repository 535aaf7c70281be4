type Texts = Readonly<Record<string, string>>;

export type TraceState = 'in_progress' | 'ok' | 'error' | 'unspecified';

/** One request through a program, as its spans tell it; what a list needs of it. */
export interface TraceHead {
  /** `tr-` and OpenTelemetry's trace id for one that spans came for; else what its client calls it. */
  readonly id: string;
  readonly experiment: number;
  readonly startedAt: number;
  /** Milliseconds; null until a span has ended. */
  readonly duration: number | null;
  readonly state: TraceState;
  /** What went in and what came out, cut short; null when nobody told. */
  readonly request: string | null;
  readonly response: string | null;
  /** What its client knows the request by. */
  readonly clientRequest: string | null;
  /** Whether the client has told the trace itself: then spans that come later change neither times nor state. */
  readonly told: boolean;
  /** How many spans are kept. */
  readonly spans: number;
}

export interface Trace extends TraceHead {
  /** Set once, by the client or from its spans. */
  readonly metadata: Texts;
  readonly tags: Texts;
  /** By time of creation. */
  readonly assessments: readonly Assessment[];
}

/**
 * A value of OpenTelemetry. `bigint` is its integer and `number` its double, so that neither becomes the other on the way; a map is a Map, as its keys are
 * anybody's; bytes are base64.
 */
export type SpanValue = null | string | boolean | bigint | number | SpanBytes | readonly SpanValue[] | SpanMap;

export type SpanMap = ReadonlyMap<string, SpanValue>;

export interface SpanBytes {
  readonly base64: string;
}

export type SpanStatus = 'unset' | 'ok' | 'error';

export interface SpanEvent {
  readonly name: string;
  readonly time: bigint;
  readonly attributes: SpanMap;
}

/** A span of this or another trace that caused this one. */
export interface SpanLink {
  readonly trace: string;
  readonly span: string;
  readonly attributes: SpanMap;
}

/** One piece of work in a trace. Times are nanoseconds since 1970. */
export interface Span {
  readonly trace: string;
  /** 16 hex digits. */
  readonly id: string;
  /** Null for the root. */
  readonly parent: string | null;
  readonly name: string;
  readonly status: SpanStatus;
  /** What its failure says; may be empty. */
  readonly message: string;
  readonly startedAt: bigint;
  readonly endedAt: bigint | null;
  readonly attributes: SpanMap;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

/** `feedback` judges what came out; `expectation` says what should have. */
export type AssessmentKind = 'feedback' | 'expectation';

/** JSON. */
export type AssessmentValue = null | string | number | boolean | readonly AssessmentValue[] | { readonly [key: string]: AssessmentValue };

export interface AssessmentError {
  readonly code: string;
  readonly message: string;
  readonly stackTrace: string;
}

/** What a person, a model or a program says of a trace. */
export interface Assessment {
  readonly id: string;
  readonly trace: string;
  /** The span it is about; null for the whole trace. */
  readonly span: string | null;
  readonly name: string;
  readonly kind: AssessmentKind;
  readonly value: AssessmentValue;
  /** Why a judge came to no value. */
  readonly error: AssessmentError | null;
  /** Who says so: `HUMAN`, `LLM_JUDGE`, `CODE`, and which of them. */
  readonly source: { readonly type: string; readonly id: string };
  readonly rationale: string | null;
  readonly metadata: Texts;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The assessment that this one takes the place of. */
  readonly overrides: string | null;
  /** False once another overrides it. */
  readonly valid: boolean;
}
