import { fault } from '../fault/fault.ts';
import { checkKey } from '../experiment/limits.ts';
import type { Span, SpanMap, SpanValue } from './types.ts';
import { isSpanList, isSpanMap } from './value.ts';

type Texts = Readonly<Record<string, string>>;

/** MLflow's own limits (mlflow/utils/validation.py, mlflow/tracing/constant.py), in characters. */
const MOST_KEY = 250;
const MOST_TAG = 8000;
const MOST_METADATA = 8000;
const MOST_PREVIEW = 1000;
const MOST_ID = 50;

/** Traces that one request may read, link or judge. */
export const MOST_TRACES = 1000;
/** Spans that one request may bring. Exporters send 512 at a time. */
export const MOST_SPANS = 20_000;
/** Spans of one trace: a trace is read whole. */
export const MOST_SPANS_OF_TRACE = 50_000;
/** OpenTelemetry's SDKs keep 128 attributes, events and links a span unless they are told otherwise. */
const MOST_ATTRIBUTES = 2000;
const MOST_PIECES = 2000;
/** Deeper than people nest, and far less deep than what a stack takes. */
export const MOST_DEPTH = 32;
/** Characters of one span: pictures in prompts are a few megabytes as base64. */
const MOST_SPAN_SIZE: number = 16 * 1024 * 1024;

export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3).toWellFormed()}...`;
}

export function toPreview(text: string): string {
  return cutText(text, MOST_PREVIEW);
}

/** Throws `record_invalid`. */
export function checkTraceId(id: string): void {
  if (/^[\w.:/-]+$/.test(id) && !id.split('/').includes('..') && id.length <= MOST_ID) return;
  throw fault('record_invalid', {
    problem: `Invalid value ${JSON.stringify(id.slice(0, MOST_ID))} for parameter 'trace_id' supplied: it must be at most ${MOST_ID} letters, digits, and -_.:/`,
  });
}

/** A tag as it is kept. Throws `record_invalid` for its key. */
export function toTraceTag(key: string, value: string): readonly [string, string] {
  if (key === '') throw fault('record_invalid', { problem: 'Tag name cannot be empty.' });
  checkKey(key, 'key', 'key');
  return [key, cutText(value, MOST_TAG)];
}

/** Tags that come in numbers, of which an unfit one must not cost the trace: it is left out. */
export function toTraceTags(tags: Texts): Texts {
  return toTexts(tags, MOST_TAG);
}

export function toTraceMetadata(metadata: Texts): Texts {
  return toTexts(metadata, MOST_METADATA);
}

function toTexts(texts: Texts, most: number): Texts {
  const kept = Object.entries(texts).filter(([key]) => key !== '' && key.length <= MOST_KEY);
  return Object.fromEntries(kept.map(([key, value]) => [key, cutText(value, most)]));
}

/** Why a span cannot be kept; undefined for one that can. */
export function refuseSpan({ attributes, events, links }: Span): string | undefined {
  if (attributes.size > MOST_ATTRIBUTES) return `it has more than ${MOST_ATTRIBUTES} attributes`;
  if (events.length > MOST_PIECES) return `it has more than ${MOST_PIECES} events`;
  if (links.length > MOST_PIECES) return `it has more than ${MOST_PIECES} links`;
  let size = sizeOf(attributes);
  for (const event of events) size += event.name.length + sizeOf(event.attributes);
  for (const link of links) size += sizeOf(link.attributes);
  return size > MOST_SPAN_SIZE ? `it has more than ${MOST_SPAN_SIZE} characters` : undefined;
}

function sizeOf(value: SpanValue | SpanMap): number {
  if (typeof value === 'string') return value.length;
  let size = 8;
  if (isSpanMap(value)) for (const [key, inner] of value) size += key.length + sizeOf(inner);
  else if (isSpanList(value)) for (const inner of value) size += sizeOf(inner);
  else if (typeof value === 'object' && value !== null && 'base64' in value) size += value.base64.length;
  return size;
}
