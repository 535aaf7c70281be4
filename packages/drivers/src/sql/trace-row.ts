import { SPAN_TYPE, fromSpanJson, isSpanMap, toSpanJson } from '@pawl/core';
import type { Assessment, Span, SpanMap, SpanStatus, SpanValue, TraceHead, TraceState } from '@pawl/core';
import { fromJson, toJson } from './context.ts';

export interface TraceTable {
  readonly number: number;
  readonly id: string;
  readonly experiment: number;
  readonly started_at: number;
  readonly duration: number | null;
  readonly state: TraceState;
  readonly request: string | null;
  readonly response: string | null;
  readonly client_request: string | null;
  readonly told: number;
  readonly spans: number;
}

export interface SpanTable {
  readonly trace: number;
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  readonly type: string | null;
  readonly status: SpanStatus;
  readonly attributes: string;
  readonly detail: string;
}

export interface AssessmentTable {
  readonly trace: number;
  readonly id: string;
  readonly span: string | null;
  readonly name: string;
  readonly kind: Assessment['kind'];
  readonly value: string;
  readonly said: string;
  readonly amount: number | null;
  readonly error: string | null;
  readonly source_type: string;
  readonly source_id: string;
  readonly rationale: string | null;
  readonly metadata: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly overrides: string | null;
  readonly valid: number;
}

export function toTraceHead(row: TraceTable): TraceHead {
  return {
    id: row.id,
    experiment: row.experiment,
    startedAt: row.started_at,
    duration: row.duration,
    state: row.state,
    request: row.request,
    response: row.response,
    clientRequest: row.client_request,
    told: row.told === 1,
    spans: row.spans,
  };
}

export const traceColumns = [
  'id',
  'experiment',
  'started_at',
  'duration',
  'state',
  'request',
  'response',
  'client_request',
  'told',
  'spans',
] as const;

export function fromTraceHead(head: TraceHead, spans: number): (string | number | null)[] {
  const { id, experiment, startedAt, duration, state, request, response, clientRequest, told } = head;
  return [id, experiment, startedAt, duration, state, request, response, clientRequest, told ? 1 : 0, spans];
}

export const spanColumns = ['trace', 'id', 'parent', 'name', 'type', 'status', 'attributes', 'detail'] as const;

export function fromSpan(trace: number, span: Span): (string | number | null)[] {
  const type = span.attributes.get(SPAN_TYPE);
  return [
    trace,
    span.id,
    span.parent,
    span.name,
    typeof type === 'string' ? type : null,
    span.status,
    toSpanJson(span.attributes),
    toDetail(span),
  ];
}

/** The times are digits that no double holds. */
function toDetail({ startedAt, endedAt, message, events, links }: Span): string {
  const more = new Map<string, SpanValue>();
  if (message !== '') more.set('message', message);
  if (events.length > 0) {
    more.set(
      'events',
      events.map(
        ({ name, time, attributes }) =>
          new Map<string, SpanValue>([
            ['name', name],
            ['time', time],
            ['attributes', attributes],
          ]),
      ),
    );
  }
  if (links.length > 0) {
    more.set(
      'links',
      links.map(
        ({ trace, span, attributes }) =>
          new Map<string, SpanValue>([
            ['trace', trace],
            ['span', span],
            ['attributes', attributes],
          ]),
      ),
    );
  }
  const times = `{"start":${startedAt},"end":${endedAt}`;
  return more.size === 0 ? `${times}}` : `${times},${toSpanJson(more).slice(1)}`;
}

const none: SpanMap = new Map();

export function toSpan(trace: string, row: SpanTable): Span {
  const detail = mapOf(fromSpanJson(row.detail));
  return {
    trace,
    id: row.id,
    parent: row.parent,
    name: row.name,
    status: row.status,
    message: textOf(detail.get('message')),
    startedAt: detail.get('start') as bigint,
    endedAt: detail.get('end') as bigint | null,
    attributes: mapOf(fromSpanJson(row.attributes)),
    events: listOf(detail.get('events')).map((event) => ({
      name: textOf(event.get('name')),
      time: event.get('time') as bigint,
      attributes: mapOf(event.get('attributes')),
    })),
    links: listOf(detail.get('links')).map((link) => ({
      trace: textOf(link.get('trace')),
      span: textOf(link.get('span')),
      attributes: mapOf(link.get('attributes')),
    })),
  };
}

const mapOf = (value: SpanValue | undefined): SpanMap => (isSpanMap(value) ? value : none);
const textOf = (value: SpanValue | undefined): string => (typeof value === 'string' ? value : '');
const listOf = (value: SpanValue | undefined): readonly SpanMap[] => (Array.isArray(value) ? (value as readonly SpanMap[]) : []);

export const assessmentColumns = [
  'trace',
  'id',
  'span',
  'name',
  'kind',
  'value',
  'said',
  'amount',
  'error',
  'source_type',
  'source_id',
  'rationale',
  'metadata',
  'created_at',
  'updated_at',
  'overrides',
  'valid',
] as const;

export function fromAssessment(trace: number, one: Assessment): (string | number | null)[] {
  const { id, span, name, kind, value, error, source, rationale, metadata, createdAt, updatedAt, overrides, valid } = one;
  const json = toJson(value);
  return [
    trace,
    id,
    span,
    name,
    kind,
    json,
    typeof value === 'string' ? value : json,
    typeof value === 'number' ? value : null,
    error === null ? null : toJson(error),
    source.type,
    source.id,
    rationale,
    toJson(metadata),
    createdAt,
    updatedAt,
    overrides,
    valid ? 1 : 0,
  ];
}

export function toAssessment(trace: string, row: AssessmentTable): Assessment {
  return {
    id: row.id,
    trace,
    span: row.span,
    name: row.name,
    kind: row.kind,
    value: fromJson<Assessment['value']>(row.value),
    error: row.error === null ? null : fromJson<NonNullable<Assessment['error']>>(row.error),
    source: { type: row.source_type, id: row.source_id },
    rationale: row.rationale,
    metadata: fromJson<Readonly<Record<string, string>>>(row.metadata),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    overrides: row.overrides,
    valid: row.valid === 1,
  };
}
