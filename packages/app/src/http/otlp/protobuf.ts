import { MOST_DEPTH, fault } from '@pawl/core';
import type { SpanEvent, SpanLink, SpanMap, SpanStatus, SpanValue } from '@pawl/core';
import type { Reader, Writer } from 'protobufjs';
import { createGathering, storable, toStatus, toTraceId, tooDeep } from './spans.ts';
import type { Export, Gathering } from './spans.ts';

/** The wire format is the library's; the messages are read here straight into spans, with no objects between (opentelemetry-proto v1: collector/trace, trace, common). */
interface Wire {
  readonly Reader: { create(bytes: Uint8Array): Reader };
  readonly Writer: { create(): Writer };
}

async function load(): Promise<Wire> {
  const { default: protobuf } = await import('protobufjs/minimal.js');
  return protobuf;
}

/** Reads an ExportTraceServiceRequest. Throws `spans_unreadable`, `spans_too_large`. */
export async function readProtobuf(bytes: Uint8Array): Promise<Export> {
  const reader = (await load()).Reader.create(bytes);
  const gathering = createGathering();
  try {
    fields(reader, reader.len, (field) => (field === 1 ? resourceSpans(reader, gathering) : undefined));
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && error.constructor === Error)) {
      throw fault('spans_unreadable', { problem: 'they are no protobuf of an ExportTraceServiceRequest.' }, error);
    }
    throw error;
  }
  return gathering.done();
}

/** ExportTraceServiceResponse; empty when all was taken. */
export async function writeResponse(refused: { readonly count: number; readonly problem: string } | undefined): Promise<Uint8Array> {
  const writer = (await load()).Writer.create();
  if (refused !== undefined) writer.uint32(10).fork().uint32(8).int64(refused.count).uint32(18).string(refused.problem).ldelim();
  return writer.finish();
}

/** google.rpc.Status. */
export async function writeStatus(code: number, message: string): Promise<Uint8Array> {
  return (await load()).Writer.create().uint32(8).int32(code).uint32(18).string(message).finish();
}

/** Calls `read` with the number of each field up to `end`; what it does not read (gives undefined) is skipped. */
function fields(reader: Reader, end: number, read: (field: number, wireType: number) => unknown): void {
  if (end > reader.len) throw new RangeError('the message is cut short');
  while (reader.pos < end) {
    const tag = reader.uint32();
    const before = reader.pos;
    if (read(tag >>> 3, tag & 7) === undefined && reader.pos === before) reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError('a field goes beyond its message');
}

function message(reader: Reader, read: (field: number, wireType: number) => unknown): true {
  const length = reader.uint32();
  fields(reader, reader.pos + length, read);
  return true;
}

function resourceSpans(reader: Reader, gathering: Gathering): true {
  gathering.begin();
  return message(reader, (field) => {
    if (field === 1) {
      const attributes = new Map<string, SpanValue>();
      message(reader, (inner) => (inner === 1 ? pair(reader, attributes, 0) : undefined));
      gathering.resource(attributes);
      return true;
    }
    return field === 2 ? message(reader, (inner) => (inner === 2 ? span(reader, gathering) : undefined)) : undefined;
  });
}

function span(reader: Reader, gathering: Gathering): true {
  let [trace, id, parent, name, said] = ['', '', '', '', ''];
  let [startedAt, endedAt] = [0n, 0n];
  let status: SpanStatus = 'unset';
  const attributes = new Map<string, SpanValue>();
  const events: SpanEvent[] = [];
  const links: SpanLink[] = [];
  message(reader, (field) => {
    switch (field) {
      case 1:
        return (trace = hex(reader));
      case 2:
        return (id = hex(reader));
      case 4:
        return (parent = hex(reader));
      case 5:
        return (name = storable(reader.string()));
      case 7:
        return (startedAt = fixed64(reader));
      case 8:
        return (endedAt = fixed64(reader));
      case 9:
        return pair(reader, attributes, 0);
      case 11:
        return events.push(event(reader));
      case 13:
        return links.push(link(reader));
      case 15:
        return message(reader, (inner) => {
          if (inner === 2) return (said = storable(reader.string()));
          return inner === 3 ? (status = toStatus(reader.int32())) : undefined;
        });
      default:
        return undefined;
    }
  });
  gathering.span({
    trace,
    id,
    parent,
    name,
    status,
    message: said,
    startedAt,
    endedAt: endedAt === 0n ? null : endedAt,
    attributes,
    events,
    links,
  });
  return true;
}

function event(reader: Reader): SpanEvent {
  let [name, time] = ['', 0n];
  const attributes = new Map<string, SpanValue>();
  message(reader, (field) => {
    if (field === 1) return (time = fixed64(reader));
    if (field === 2) return (name = storable(reader.string()));
    return field === 3 ? pair(reader, attributes, 0) : undefined;
  });
  return { name, time, attributes };
}

function link(reader: Reader): SpanLink {
  let [trace, id] = ['', ''];
  const attributes = new Map<string, SpanValue>();
  message(reader, (field) => {
    if (field === 1) return (trace = hex(reader));
    if (field === 2) return (id = hex(reader));
    return field === 4 ? pair(reader, attributes, 0) : undefined;
  });
  return { trace: toTraceId(trace), span: id, attributes };
}

/** KeyValue, into its map. */
function pair(reader: Reader, map: Map<string, SpanValue>, depth: number): true {
  let key = '';
  let value: SpanValue = null;
  message(reader, (field) => {
    if (field === 1) return (key = storable(reader.string()));
    if (field !== 2) return undefined;
    value = any(reader, depth);
    return true;
  });
  map.set(key, value);
  return true;
}

/** AnyValue. */
function any(reader: Reader, depth: number): SpanValue {
  if (depth > MOST_DEPTH) throw tooDeep();
  let value: SpanValue = null;
  message(reader, (field) => {
    switch (field) {
      case 1:
        return (value = storable(reader.string()));
      case 2:
        value = reader.bool();
        return true;
      case 3:
        return (value = int64(reader));
      case 4:
        return (value = reader.double());
      case 5: {
        const list: SpanValue[] = [];
        message(reader, (inner) => (inner === 1 ? list.push(any(reader, depth + 1)) : undefined));
        return (value = list);
      }
      case 6: {
        const map: Map<string, SpanValue> = new Map();
        message(reader, (inner) => (inner === 1 ? pair(reader, map, depth + 1) : undefined));
        return (value = map satisfies SpanMap);
      }
      case 7:
        return (value = { base64: Buffer.from(reader.bytes()).toString('base64') });
      default:
        return undefined;
    }
  });
  return value;
}

function hex(reader: Reader): string {
  return Buffer.from(reader.bytes()).toString('hex');
}

/** In halves: the library's own 64-bit numbers are objects. */
function fixed64(reader: Reader): bigint {
  const low = reader.fixed32();
  return (BigInt(reader.fixed32()) << 32n) | BigInt(low);
}

function int64(reader: Reader): bigint {
  const value = reader.int64() as unknown as number | { readonly low: number; readonly high: number };
  return typeof value === 'number' ? BigInt(value) : (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}
