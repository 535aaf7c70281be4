import { isSpanBytes, isSpanList, isSpanMap } from '@pawl/core';
import type { Span, SpanMap, SpanValue } from '@pawl/core';

/** JSON.rawJSON (ES2025 proposal, in V8 since 11.4) is not in the library types yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const codes = { unset: 'STATUS_CODE_UNSET', ok: 'STATUS_CODE_OK', error: 'STATUS_CODE_ERROR' } as const;

/** A span as the JSON of OpenTelemetry's protobuf message with its own names of fields: ids are base64, 64-bit integers are numbers of all digits. */
export function toWireSpan(span: Span): object {
  return {
    trace_id: toBase64(span.trace.replace(/^tr-/, '')),
    span_id: toBase64(span.id),
    ...(span.parent === null ? {} : { parent_span_id: toBase64(span.parent) }),
    name: span.name,
    start_time_unix_nano: rawJSON(String(span.startedAt)),
    ...(span.endedAt === null ? {} : { end_time_unix_nano: rawJSON(String(span.endedAt)) }),
    attributes: toPairs(span.attributes),
    ...(span.events.length === 0
      ? {}
      : {
          events: span.events.map(({ name, time, attributes }) => ({
            time_unix_nano: rawJSON(String(time)),
            name,
            attributes: toPairs(attributes),
          })),
        }),
    ...(span.links.length === 0
      ? {}
      : {
          links: span.links.map(({ trace, span: id, attributes }) => ({
            trace_id: toBase64(trace.replace(/^tr-/, '')),
            span_id: toBase64(id),
            attributes: toPairs(attributes),
          })),
        }),
    status: { code: codes[span.status], ...(span.message === '' ? {} : { message: span.message }) },
  };
}

function toPairs(map: SpanMap): readonly object[] {
  return [...map].map(([key, value]) => ({ key, value: toAny(value) }));
}

/** OpenTelemetry's AnyValue; nothing is a value of no kind. */
function toAny(value: SpanValue): object {
  switch (typeof value) {
    case 'string':
      return { string_value: value };
    case 'boolean':
      return { bool_value: value };
    case 'bigint':
      return { int_value: rawJSON(String(value)) };
    case 'number':
      return { double_value: Number.isFinite(value) ? value : String(value) };
    default:
      if (isSpanList(value)) return { array_value: { values: value.map(toAny) } };
      if (isSpanMap(value)) return { kvlist_value: { values: toPairs(value) } };
      return isSpanBytes(value) ? { bytes_value: value.base64 } : {};
  }
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
