import type { Datatype, Tensor } from '../../tensor/tensor.ts';
import { arrayOf, elementCount, isText } from '../../tensor/tensor.ts';

/** What the thread of a model is started with. */
export interface WorkerStart {
  readonly file: string;
}

/** A graph's input or output as ONNX Runtime tells it. */
export interface GraphTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Tensors without their names, in an order both sides know: one buffer to move instead of one object a column. */
export interface Packed {
  /** For each tensor its rank, then its dimensions. */
  readonly shapes: readonly number[];
  /** Numeric elements of all tensors, each tensor at the next multiple of 8 bytes. */
  readonly buffer: ArrayBuffer;
  /** Elements of the BYTES tensors, in order. */
  readonly texts: readonly (readonly string[])[];
}

export interface RunMessage {
  readonly id: number;
  readonly batch: Packed;
}

export type WorkerMessage =
  | { readonly kind: 'loaded'; readonly inputs: readonly GraphTensor[]; readonly outputs: readonly GraphTensor[] }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly batch: Packed }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string };

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

export function packTensors(tensors: readonly Tensor[]): Packed {
  let size = 0;
  for (const { data } of tensors) if (!isText(data)) size += aligned(data.byteLength);
  const target = new Uint8Array(size);
  const texts: (readonly string[])[] = [];
  const shapes: number[] = [];
  let offset = 0;
  for (const { data, shape } of tensors) {
    shapes.push(shape.length, ...shape);
    if (isText(data)) {
      texts.push(data);
    } else {
      target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
      offset += aligned(data.byteLength);
    }
  }
  return { shapes, buffer: target.buffer, texts };
}

/** The tensors again, as views of the packed buffer; `datatypes` in the order they were packed in. */
export function unpackTensors(packed: Packed, datatypes: readonly Datatype[]): readonly Tensor[] {
  let offset = 0;
  let cursor = 0;
  let text = 0;
  return datatypes.map((datatype) => {
    const rank = packed.shapes[cursor] ?? 0;
    const shape = packed.shapes.slice(cursor + 1, cursor + 1 + rank);
    cursor += 1 + rank;
    if (datatype === 'BYTES') {
      const data = packed.texts[text] ?? [];
      text += 1;
      return { datatype, shape, data };
    }
    const data = new (arrayOf(datatype))(packed.buffer, offset, elementCount(shape));
    offset += aligned(data.byteLength);
    return { datatype, shape, data };
  });
}
