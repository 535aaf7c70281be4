import {
  COST_KEY,
  SESSION_KEY,
  SPAN_COST,
  SPAN_INPUTS,
  SPAN_OUTPUTS,
  SPAN_TRACE_TAG,
  SPAN_USAGE,
  TOKEN_USAGE_KEY,
  TRACE_NAME_TAG,
  USER_KEY,
} from './keys.ts';
import { toPreview, toTraceMetadata, toTraceTags } from './limits.ts';
import type { Span, SpanMap, SpanValue, TraceHead } from './types.ts';
import { sumAmounts } from './usage.ts';
import { toPlainValue, toSpanJson } from './value.ts';

type Texts = Readonly<Record<string, string>>;

const PER_MS = 1_000_000n;

/** What a trace is after more of its spans came; `before` is undefined for a new one. Before its client tells it, spans widen its time and end it. */
export function tellBySpans(before: TraceHead | undefined, trace: string, experiment: number, spans: readonly Span[]): TraceHead {
  const root = spans.find(({ parent }) => parent === null);
  const ended = root === undefined ? 'in_progress' : root.status === 'error' ? 'error' : 'ok';
  const start = Number(spans.reduce((least, { startedAt }) => (startedAt < least ? startedAt : least), spans[0]?.startedAt ?? 0n) / PER_MS);
  const end = lastEnd(spans);
  const request = before?.request ?? previewOf(root, SPAN_INPUTS);
  const response = before?.response ?? previewOf(root, SPAN_OUTPUTS);
  if (before === undefined) {
    const duration = end === null ? null : Math.max(0, end - start);
    return {
      id: trace,
      experiment,
      startedAt: start,
      duration,
      state: ended,
      request,
      response,
      clientRequest: null,
      told: false,
      spans: 0,
    };
  }
  const open = before.state === 'in_progress' || before.state === 'unspecified';
  const head = { ...before, request, response, state: open && root !== undefined ? ended : before.state };
  if (before.told) return head;
  const startedAt = Math.min(before.startedAt, start);
  const ends = [...(before.duration === null ? [] : [before.startedAt + before.duration]), ...(end === null ? [] : [end])];
  return { ...head, startedAt, duration: ends.length === 0 ? null : Math.max(0, Math.max(...ends) - startedAt) };
}

function lastEnd(spans: readonly Span[]): number | null {
  let last: bigint | null = null;
  for (const { endedAt } of spans) if (endedAt !== null && (last === null || endedAt > last)) last = endedAt;
  return last === null ? null : Number(last / PER_MS);
}

function previewOf(root: Span | undefined, key: string): string | null {
  const value = root?.attributes.get(key);
  if (value === undefined || value === null) return null;
  return toPreview(typeof value === 'string' ? value : JSON.stringify(toPlainValue(value)));
}

/** What a client tells of a trace. */
export interface ToldTrace {
  readonly id: string;
  readonly experiment: number;
  readonly startedAt: number;
  readonly duration: number | null;
  readonly state: TraceHead['state'];
  readonly request: string | null;
  readonly response: string | null;
  readonly clientRequest: string | null;
}

/** What a trace is after its client told it: the client is right, but what it does not tell of input and output stays as the spans had it. */
export function tellByClient(before: TraceHead | undefined, told: ToldTrace): TraceHead {
  const preview = (text: string | null, own: string | null | undefined): string | null => (text === null ? (own ?? null) : toPreview(text));
  return {
    ...told,
    request: preview(told.request, before?.request),
    response: preview(told.response, before?.response),
    told: true,
    spans: before?.spans ?? 0,
  };
}

/** Tags that a root span brings: those that it has as attributes, and its name. */
export function tagsOfRoot(spans: readonly Span[]): { readonly given: Texts; readonly name: Texts } {
  const root = spans.find(({ parent }) => parent === null);
  if (root === undefined) return { given: {}, name: {} };
  const given: Record<string, string> = {};
  for (const [key, value] of root.attributes) {
    if (key.startsWith(SPAN_TRACE_TAG)) given[key.slice(SPAN_TRACE_TAG.length)] = asText(value);
  }
  return { given: toTraceTags(given), name: root.name === '' ? {} : toTraceTags({ [TRACE_NAME_TAG]: root.name }) };
}

/** What produced the spans, as tags: without what the SDK says of itself, and without MLflow's own names. */
export function tagsOfResource(resource: SpanMap): Texts {
  const kept = [...resource].filter(([key]) => !key.startsWith('telemetry.sdk.') && !key.startsWith('mlflow.'));
  return toTraceTags(Object.fromEntries(kept.map(([key, value]) => [key, asText(value)])));
}

/** The session and the user that spans name. */
export function metadataOfSpans(spans: readonly Span[]): Texts {
  const find = (...keys: readonly string[]): string | undefined => {
    for (const { attributes } of spans) {
      for (const key of keys) {
        const value = attributes.get(key);
        if (value !== undefined && value !== null && value !== '') return asText(value);
      }
    }
    return undefined;
  };
  const [session, user] = [find('session.id', 'gen_ai.conversation.id'), find('user.id')];
  return toTraceMetadata({
    ...(session === undefined ? {} : { [SESSION_KEY]: session }),
    ...(user === undefined ? {} : { [USER_KEY]: user }),
  });
}

export function hasUsage(spans: readonly Span[]): boolean {
  return spans.some(({ attributes }) => attributes.has(SPAN_USAGE) || attributes.has(SPAN_COST));
}

/** Tokens and money of a whole trace. */
export function usageOfSpans(spans: readonly Span[]): Texts {
  const tokens = sumAmounts(spans, SPAN_USAGE);
  const cost = sumAmounts(spans, SPAN_COST);
  return {
    ...(tokens === undefined ? {} : { [TOKEN_USAGE_KEY]: JSON.stringify(tokens) }),
    ...(cost === undefined ? {} : { [COST_KEY]: JSON.stringify(cost) }),
  };
}

function asText(value: SpanValue): string {
  return typeof value === 'string' ? value : toSpanJson(value);
}
