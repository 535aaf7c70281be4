/**
 * The filter as an ONNX file: a few plain operators, so that any runtime reads it. The messages are those of onnx/onnx:onnx/onnx.proto, only the fields written here.
 * Inputs: one FP32 [N,1] a column (the convention of skl2onnx). Outputs: `label` INT64 [N] (1 is spam) and `probability` FP32 [N,1] (of spam).
 */
import { createRequire } from 'node:module';
import type * as Protobuf from 'protobufjs';
import { CLIP, type LinearFilter } from './learn.ts';

const protobuf = createRequire(import.meta.url)('protobufjs/light') as typeof Protobuf;

const OPSET = 13;
const IR_VERSION = 8;
const FLOAT = 1;
const INT64 = 7;

type Fields = Record<string, readonly [type: string, id: number, rule?: 'repeated']>;

const MESSAGES: Readonly<Record<string, Fields>> = {
  ModelProto: {
    irVersion: ['int64', 1],
    producerName: ['string', 2],
    producerVersion: ['string', 3],
    graph: ['GraphProto', 7],
    opsetImport: ['OperatorSetIdProto', 8, 'repeated'],
  },
  OperatorSetIdProto: { domain: ['string', 1], version: ['int64', 2] },
  GraphProto: {
    node: ['NodeProto', 1, 'repeated'],
    name: ['string', 2],
    initializer: ['TensorProto', 5, 'repeated'],
    input: ['ValueInfoProto', 11, 'repeated'],
    output: ['ValueInfoProto', 12, 'repeated'],
  },
  NodeProto: {
    input: ['string', 1, 'repeated'],
    output: ['string', 2, 'repeated'],
    name: ['string', 3],
    opType: ['string', 4],
    attribute: ['AttributeProto', 5, 'repeated'],
  },
  AttributeProto: { name: ['string', 1], i: ['int64', 3], type: ['int32', 20] },
  TensorProto: { dims: ['int64', 1, 'repeated'], dataType: ['int32', 2], name: ['string', 8], rawData: ['bytes', 9] },
  ValueInfoProto: { name: ['string', 1], type: ['TypeProto', 2] },
  TypeProto: { tensorType: ['TensorTypeProto', 1] },
  TensorTypeProto: { elemType: ['int32', 1], shape: ['TensorShapeProto', 2] },
  TensorShapeProto: { dim: ['DimensionProto', 1, 'repeated'] },
  DimensionProto: { dimValue: ['int64', 1], dimParam: ['string', 2] },
};

function modelType(): Protobuf.Type {
  const root = new protobuf.Root();
  for (const [name, fields] of Object.entries(MESSAGES)) {
    const type = new protobuf.Type(name);
    for (const [field, [kind, id, rule]] of Object.entries(fields)) type.add(new protobuf.Field(field, id, kind, rule));
    root.add(type);
  }
  return root.lookupType('ModelProto');
}

/** The bytes of `model.onnx`. The same filter and threshold always give the same bytes. */
export function toOnnx(filter: LinearFilter, threshold: number): Uint8Array {
  const { columns, logged } = filter;
  // The counts go last, so that they pass through log(1 + x) as one block.
  const order = [...columns.keys()].sort((a, b) => Number(logged[a]) - Number(logged[b]) || a - b);
  const plain = order.filter((i) => !logged[i]);
  const counts = order.filter((i) => logged[i]);
  const pick = (values: readonly number[], indexes: readonly number[]): number[] => indexes.map((i) => values[i] ?? 0);

  const nodes: object[] = [
    node(
      'Concat',
      plain.map((i) => columns[i] ?? ''),
      'plain',
      [integer('axis', 1)],
    ),
  ];
  if (counts.length > 0) {
    nodes.push(
      node(
        'Concat',
        counts.map((i) => columns[i] ?? ''),
        'counts',
        [integer('axis', 1)],
      ),
      node('Max', ['counts', 'zero'], 'counts_positive'),
      node('Add', ['counts_positive', 'one'], 'counts_plus_one'),
      node('Log', ['counts_plus_one'], 'counts_logged'),
      node('Concat', ['plain', 'counts_logged'], 'features', [integer('axis', 1)]),
    );
  }
  nodes.push(
    node('Sub', [counts.length > 0 ? 'features' : 'plain', 'mean'], 'centred'),
    node('Div', ['centred', 'scale'], 'standardised'),
    node('Clip', ['standardised', 'low', 'high'], 'clipped'),
    node('MatMul', ['clipped', 'weights'], 'product'),
    node('Add', ['product', 'bias'], 'logit'),
    node('Sigmoid', ['logit'], 'probability'),
    node('Greater', ['probability', 'threshold'], 'over'),
    node('Cast', ['over'], 'over_integer', [integer('to', INT64)]),
    node('Reshape', ['over_integer', 'flat'], 'label'),
  );
  const initializer = [
    floats('mean', [1, order.length], pick(filter.mean, order)),
    floats('scale', [1, order.length], pick(filter.scale, order)),
    floats('weights', [order.length, 1], pick(filter.weights, order)),
    floats('bias', [1], [filter.bias]),
    floats('threshold', [1], [threshold]),
    floats('low', [], [-CLIP]),
    floats('high', [], [CLIP]),
    integers('flat', [1], [-1n]),
    ...(counts.length > 0 ? [floats('zero', [1], [0]), floats('one', [1], [1])] : []),
  ];
  const type = modelType();
  const message = {
    irVersion: IR_VERSION,
    producerName: 'pawl-example-spam',
    producerVersion: '0.1.0',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: 'spam_filter',
      node: nodes,
      initializer,
      input: columns.map((name) => value(name, FLOAT, [{ dimParam: 'N' }, { dimValue: 1 }])),
      output: [value('label', INT64, [{ dimParam: 'N' }]), value('probability', FLOAT, [{ dimParam: 'N' }, { dimValue: 1 }])],
    },
  };
  return type.encode(type.fromObject(message)).finish();
}

function node(opType: string, input: readonly string[], output: string, attribute: readonly object[] = []): object {
  return { opType, name: `make_${output}`, input, output: [output], attribute };
}

function integer(name: string, i: number): object {
  return { name, i, type: 2 };
}

function floats(name: string, dims: readonly number[], values: readonly number[]): object {
  const rawData = Buffer.alloc(values.length * 4);
  for (const [i, number] of values.entries()) rawData.writeFloatLE(number, i * 4);
  return { name, dims, dataType: FLOAT, rawData };
}

function integers(name: string, dims: readonly number[], values: readonly bigint[]): object {
  const rawData = Buffer.alloc(values.length * 8);
  for (const [i, number] of values.entries()) rawData.writeBigInt64LE(number, i * 8);
  return { name, dims, dataType: INT64, rawData };
}

function value(name: string, elemType: number, dim: readonly object[]): object {
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
