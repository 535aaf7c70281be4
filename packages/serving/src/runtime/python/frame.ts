/** Frames between this process and a model's Python: see `worker.py`. */
import type { Columns, Datatype, Tensor } from '../../tensor/tensor.ts';
import { arrayOf, elementCount, isText } from '../../tensor/tensor.ts';

interface TensorHead {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly missing?: readonly number[];
}

/** An answer of more bytes is no answer. */
const MOST_BYTES = 1 << 30;

function textBytes(words: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const word of words) {
    const bytes = Buffer.from(word, 'utf8');
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    parts.push(size, bytes);
  }
  return Buffer.concat(parts);
}

/** A frame with a header and the tensors that it lists. */
export function toFrame(header: Readonly<Record<string, unknown>>, columns: Columns): Buffer {
  const bodies: Buffer[] = [];
  const tensors = Object.entries(columns).map(([name, { datatype, shape, data, missing }]): TensorHead => {
    const body = isText(data) ? textBytes(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    bodies.push(body);
    const gone = missing?.flatMap((isGone, at) => (isGone ? [at] : []));
    return { name, datatype, shape, bytes: body.length, ...(gone !== undefined && { missing: gone }) };
  });
  const text = Buffer.from(JSON.stringify({ ...header, tensors }));
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(text.length, 0);
  sizes.writeUInt32LE(
    bodies.reduce((sum, body) => sum + body.length, 0),
    4,
  );
  return Buffer.concat([sizes, text, ...bodies]);
}

function toTensor(head: TensorHead, body: Buffer): Tensor {
  const { datatype, shape } = head;
  if (datatype !== 'BYTES') {
    // Copied: a view would need an aligned offset, and hold the whole frame.
    const bytes = Uint8Array.from(body);
    return { datatype, shape, data: new (arrayOf(datatype))(bytes.buffer, 0, elementCount(shape)) };
  }
  const words: string[] = [];
  for (let at = 0; at < body.length;) {
    const size = body.readUInt32LE(at);
    words.push(body.toString('utf8', at + 4, at + 4 + size));
    at += 4 + size;
  }
  const gone = new Set(head.missing);
  return { datatype, shape, data: words, ...(gone.size > 0 && { missing: words.map((_, at) => gone.has(at)) }) };
}

export interface Answer {
  readonly header: Readonly<Record<string, unknown>>;
  readonly columns: Columns;
}

function toAnswer(text: Buffer, body: Buffer): Answer {
  const header = JSON.parse(text.toString('utf8')) as Readonly<Record<string, unknown>>;
  let at = 0;
  const columns = ((header['tensors'] ?? []) as readonly TensorHead[]).map((head) => {
    const tensor = toTensor(head, body.subarray(at, at + head.bytes));
    at += head.bytes;
    return [head.name, tensor] as const;
  });
  return { header, columns: Object.fromEntries(columns) };
}

/** Cuts a stream of bytes into answers. The function throws for what is no frame. */
export function createReader(onAnswer: (answer: Answer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = 8;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      chunks = [all];
      const header = all.readUInt32LE(0);
      const end = 8 + header + all.readUInt32LE(4);
      if (end > MOST_BYTES) throw new RangeError('its answer is larger than a gigabyte, or no answer');
      if (size < end) {
        wanted = end;
        return;
      }
      onAnswer(toAnswer(all.subarray(8, 8 + header), all.subarray(8 + header, end)));
      chunks = size === end ? [] : [all.subarray(end)];
      size -= end;
      wanted = 8;
    }
  };
}
