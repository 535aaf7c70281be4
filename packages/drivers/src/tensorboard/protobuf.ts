/** A field of a message on the wire (protobuf.dev/programming-guides/encoding): a varint, 8 or 4 bytes, or a run of bytes. */
export interface WireField {
  readonly number: number;
  readonly varint?: bigint;
  readonly bytes?: Uint8Array;
}

/** The fields of a message in their order. Throws RangeError for bytes that are none. */
export function* readFields(message: Uint8Array): Generator<WireField> {
  for (let at = 0; at < message.length;) {
    const [key, afterKey] = readVarint(message, at);
    const number = Number(key >> 3n);
    const type = Number(key & 7n);
    if (type === 0) {
      const [varint, next] = readVarint(message, afterKey);
      yield { number, varint };
      at = next;
      continue;
    }
    const [length, start] = type === 2 ? readVarint(message, afterKey) : [type === 1 ? 8n : type === 5 ? 4n : -1n, afterKey];
    const end = start + Number(length);
    if (length < 0n || end > message.length) throw new RangeError('the message ends within a field');
    yield { number, bytes: message.subarray(start, end) };
    at = end;
  }
}

function readVarint(bytes: Uint8Array, start: number): readonly [bigint, number] {
  let value = 0n;
  for (let at = start, shift = 0n; at < bytes.length && shift < 70n; at++, shift += 7n) {
    const byte = bytes[at] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [BigInt.asUintN(64, value), at + 1];
  }
  throw new RangeError('a varint does not end');
}

export function toDouble(bytes: Uint8Array): number {
  return viewOf(bytes).getFloat64(0, true);
}

export function toFloat(bytes: Uint8Array): number {
  return viewOf(bytes).getFloat32(0, true);
}

export function toInt64(varint: bigint): number {
  return Number(BigInt.asIntN(64, varint));
}

const utf8 = new TextDecoder();

export function toText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
