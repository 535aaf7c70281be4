import { MOST_DEPTH, fault } from '@pawl/core';
import type { SpanMap, SpanValue } from '@pawl/core';
import { createGathering, storable, toStatus, toTraceId, tooDeep } from './spans.ts';
import type { Export, Gathering } from './spans.ts';

type Fields = Readonly<Record<string, unknown>>;

const codes: Readonly<Record<string, number>> = { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };

/**
 * Reads an ExportTraceServiceRequest in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids are hex, 64-bit integers are texts or
 * numbers, unknown fields are passed by. Throws `spans_unreadable`, `spans_too_large`.
 */
export function readJson(bytes: Uint8Array): Export {
  const gathering = createGathering();
  for (const group of list(parse(bytes), 'resourceSpans')) {
    gathering.begin();
    gathering.resource(pairs(object(group['resource'], 'resource'), 0));
    for (const scope of list(group, 'scopeSpans')) {
      for (const each of list(scope, 'spans')) span(each, gathering);
    }
  }
  return gathering.done();
}

function parse(bytes: Uint8Array): Fields {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), keepDigits);
  } catch (error) {
    throw unreadable(`they are no JSON: ${(error as Error).message}`, error);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw unreadable('they are no JSON object.');
  return value as Fields;
}

/** Whole numbers that a double does not hold stay the text that they are. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return /^-?[0-9]+$/.test(context?.source ?? '') ? context?.source : value;
}

function span(fields: Fields, gathering: Gathering): void {
  const status = object(fields['status'], 'status');
  const ended = time(fields['endTimeUnixNano'], 'endTimeUnixNano');
  gathering.span({
    trace: hex(fields['traceId'], 'traceId'),
    id: hex(fields['spanId'], 'spanId'),
    parent: hex(fields['parentSpanId'], 'parentSpanId'),
    name: text(fields['name'], 'name'),
    status: toStatus(codeOf(status['code'])),
    message: text(status['message'], 'message'),
    startedAt: time(fields['startTimeUnixNano'], 'startTimeUnixNano'),
    endedAt: ended === 0n ? null : ended,
    attributes: pairs(fields, 0),
    events: list(fields, 'events').map((event) => ({
      name: text(event['name'], 'name'),
      time: time(event['timeUnixNano'], 'timeUnixNano'),
      attributes: pairs(event, 0),
    })),
    links: list(fields, 'links').map((link) => ({
      trace: toTraceId(hex(link['traceId'], 'traceId')),
      span: hex(link['spanId'], 'spanId'),
      attributes: pairs(link, 0),
    })),
  });
}

function codeOf(value: unknown): number {
  return typeof value === 'string' ? (codes[value] ?? Number(value)) : Number(value ?? 0);
}

function pairs(fields: Fields, depth: number, name = 'attributes'): SpanMap {
  return new Map(
    list(fields, name).map((pair) => [
      text(pair['key'], 'key'),
      pair['value'] === undefined ? null : any(object(pair['value'], 'value'), depth),
    ]),
  );
}

function any(value: Fields, depth: number): SpanValue {
  if (depth > MOST_DEPTH) throw tooDeep();
  const [kind] = Object.keys(value).filter((key) => value[key] !== null);
  const held = kind === undefined ? undefined : value[kind];
  switch (kind) {
    case 'stringValue':
      return text(held, kind);
    case 'boolValue':
      return held === true;
    case 'intValue':
      return int(held, kind);
    case 'doubleValue':
      return double(held);
    case 'bytesValue':
      return { base64: text(held, kind) };
    case 'arrayValue':
      return list(object(held, kind), 'values').map((item) => any(item, depth + 1));
    case 'kvlistValue':
      return pairs(object(held, kind), depth + 1, 'values');
    default:
      return null;
  }
}

function double(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(value);
  if (Number.isNaN(number) && value !== 'NaN') throw unreadable('doubleValue is no number.');
  return number;
}

function int(value: unknown, name: string): bigint {
  const number = whole(value ?? 0);
  if (number === undefined || BigInt.asIntN(64, number) !== number) throw unreadable(`${name} is no whole number of 64 bits.`);
  return number;
}

function time(value: unknown, name: string): bigint {
  const number = whole(value ?? 0);
  if (number === undefined || BigInt.asUintN(64, number) !== number) throw unreadable(`${name} is no time in nanoseconds.`);
  return number;
}

function whole(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?[0-9]{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function text(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw unreadable(`${name} is no text.`);
  return storable(value);
}

function hex(value: unknown, name: string): string {
  return text(value, name).toLowerCase();
}

function object(value: unknown, name: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unreadable(`${name} is no object.`);
  return value as Fields;
}

function list(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw unreadable(`${name} is no list.`);
  return value.map((item: unknown) => object(item, name));
}

function unreadable(problem: string, cause?: unknown): Error {
  return fault('spans_unreadable', { problem }, cause);
}
