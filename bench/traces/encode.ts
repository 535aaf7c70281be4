/** Requests as OpenTelemetry's exporters send them (opentelemetry-proto v1, collector/trace). */

const START = 1_764_000_000_000;

/** Traces `first`, `first + 1`, …: a request, a call of a model for every third span, and steps. */
export function encodeTraces(first: number, traces: number, spans: number): Uint8Array<ArrayBuffer> {
  const all: Buffer[] = [];
  for (let trace = first; trace < first + traces; trace++) {
    for (let span = 0; span < spans; span++) all.push(part(2, encodeSpan(trace, span)));
  }
  const resource = part(1, attribute('service.name', 'shop'));
  return new Uint8Array(part(1, Buffer.concat([part(1, resource), part(2, Buffer.concat(all))])));
}

function encodeSpan(trace: number, span: number): Buffer {
  const start = BigInt(START + trace * 10) * 1_000_000n + BigInt(span);
  const isModel = span % 3 === 1;
  const own = isModel
    ? [
        attribute('gen_ai.operation.name', 'chat'),
        attribute('model', 'gpt-4'),
        count('gen_ai.usage.input_tokens', 120),
        count('gen_ai.usage.output_tokens', 40),
      ]
    : [attribute('http.method', 'GET'), attribute('http.route', '/orders/{id}'), count('http.status_code', 200)];
  return Buffer.concat([
    part(1, id(trace + 1, 16)),
    part(2, id(span + 1, 8)),
    ...(span === 0 ? [] : [part(4, id(1, 8))]),
    part(5, Buffer.from(span === 0 ? 'answer' : isModel ? 'chat' : 'step')),
    fixed64(7, start),
    fixed64(8, start + 50_000_000n),
    ...own.map((one) => part(9, one)),
    part(9, attribute('input.value', `{"question":"question ${trace} of many, and what else was asked with it"}`)),
    part(9, attribute('output.value', 'An answer of some length, as models give them. '.repeat(4))),
    ...(span === 0 ? [part(9, attribute('session.id', `s-${trace % 5000}`))] : []),
    part(15, Buffer.from([0x18, span === 0 && trace % 20 === 0 ? 2 : 1])),
  ]);
}

function id(number: number, bytes: number): Buffer {
  return Buffer.from(number.toString(16).padStart(bytes * 2, '0'), 'hex');
}

function attribute(key: string, value: string): Buffer {
  return Buffer.concat([part(1, Buffer.from(key)), part(2, part(1, Buffer.from(value)))]);
}

function count(key: string, value: number): Buffer {
  return Buffer.concat([part(1, Buffer.from(key)), part(2, Buffer.concat([Buffer.from([0x18]), varint(value)]))]);
}

/** A field whose bytes follow their length. */
function part(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

function fixed64(field: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = field * 8 + 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
