/** Writes small ONNX files for tests: just enough of protobuf (varint, fixed32, length-delimited) and of `onnx/onnx:onnx/onnx.proto`. */

export const FLOAT = 1;
export const INT64 = 7;
export const STRING = 8;

export interface GraphValue {
  readonly name: string;
  readonly type: number;
  /** A string is a symbolic size. */
  readonly shape: readonly (number | string)[];
}

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integer attributes are enough for these graphs. */
  readonly ints?: Readonly<Record<string, number>>;
}

export interface GraphTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly tensors: readonly GraphTensor[];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

function bytes(field: number, value: string | Uint8Array): Buffer {
  const body = Buffer.from(value as Uint8Array);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

function valueInfo(value: GraphValue): Buffer {
  const dimensions = value.shape.map((size) => bytes(1, typeof size === 'string' ? bytes(2, size) : integer(1, size)));
  const tensorType = Buffer.concat([integer(1, value.type), bytes(2, Buffer.concat(dimensions))]);
  return Buffer.concat([bytes(1, value.name), bytes(2, bytes(1, tensorType))]);
}

function node(value: GraphNode): Buffer {
  const attributes = Object.entries(value.ints ?? {}).map(([name, number]) =>
    bytes(5, Buffer.concat([bytes(1, name), integer(3, number), integer(20, 2)])),
  );
  return Buffer.concat([
    ...value.inputs.map((name) => bytes(1, name)),
    ...value.outputs.map((name) => bytes(2, name)),
    bytes(4, value.op),
    ...attributes,
  ]);
}

function tensor(value: GraphTensor): Buffer {
  const type = value.data instanceof Float32Array ? FLOAT : INT64;
  const raw = new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength);
  return Buffer.concat([...value.shape.map((size) => integer(1, size)), integer(2, type), bytes(8, value.name), bytes(9, raw)]);
}

export function toOnnxFile(graph: Graph): Buffer {
  const body = Buffer.concat([
    ...graph.nodes.map((value) => bytes(1, node(value))),
    bytes(2, 'test'),
    ...graph.tensors.map((value) => bytes(5, tensor(value))),
    ...graph.inputs.map((value) => bytes(11, valueInfo(value))),
    ...graph.outputs.map((value) => bytes(12, valueInfo(value))),
  ]);
  return Buffer.concat([integer(1, 8), bytes(7, body), bytes(8, integer(2, 17))]);
}

/** Logistic regression over one FP32 [N,1] input a column; outputs `label` INT64 [N] and `probability` FP32 [N,1]. */
export function toLogisticOnnx(weights: Readonly<Record<string, number>>, bias: number): Buffer {
  const names = Object.keys(weights);
  return toOnnxFile({
    inputs: names.map((name) => ({ name, type: FLOAT, shape: ['N', 1] })),
    outputs: [
      { name: 'label', type: INT64, shape: ['N'] },
      { name: 'probability', type: FLOAT, shape: ['N', 1] },
    ],
    tensors: [
      { name: '#weights', shape: [names.length, 1], data: Float32Array.from(Object.values(weights)) },
      { name: '#bias', shape: [1], data: Float32Array.of(bias) },
      { name: '#half', shape: [1], data: Float32Array.of(0.5) },
      { name: '#flat', shape: [1], data: BigInt64Array.of(-1n) },
    ],
    nodes: [
      { op: 'Concat', inputs: names, outputs: ['#x'], ints: { axis: 1 } },
      { op: 'MatMul', inputs: ['#x', '#weights'], outputs: ['#xw'] },
      { op: 'Add', inputs: ['#xw', '#bias'], outputs: ['#z'] },
      { op: 'Sigmoid', inputs: ['#z'], outputs: ['probability'] },
      { op: 'Greater', inputs: ['probability', '#half'], outputs: ['#above'] },
      { op: 'Reshape', inputs: ['#above', '#flat'], outputs: ['#above1'] },
      { op: 'Cast', inputs: ['#above1'], outputs: ['label'], ints: { to: INT64 } },
    ],
  });
}
