/** Reads an ONNX file (`onnx/onnx:onnx/onnx-ml.proto`, whose field numbers stand here) into a graph. */
import type { Attribute, GraphNode, GraphPort, OnnxGraph, Value } from './graph.ts';
import type { Field } from './protobuf.ts';
import { UnsupportedError } from './graph.ts';
import { readFields, toFloats, toText, toVarints } from './protobuf.ts';
import { kindOfType, toConstant } from './onnx-tensor.ts';

/** More than any tabular model has; a file of more is left to ONNX Runtime. */
const MOST_NODES = 10_000;

function toShape(bytes: Uint8Array): readonly number[] {
  const shape: number[] = [];
  for (const dimension of readFields(bytes)) {
    if (dimension.number !== 1) continue;
    let size = -1;
    for (const field of readFields(dimension.bytes)) if (field.number === 1 && field.varint >= 0) size = field.varint;
    shape.push(size);
  }
  return shape;
}

function toPort(bytes: Uint8Array): GraphPort {
  let name = '';
  let tensor: GraphPort['tensor'];
  for (const field of readFields(bytes)) {
    if (field.number === 1) name = toText(field.bytes);
    if (field.number !== 2) continue;
    for (const type of readFields(field.bytes)) {
      if (type.number !== 1) continue;
      let element = 0;
      let shape: readonly number[] = [];
      for (const part of readFields(type.bytes)) {
        if (part.number === 1) element = part.varint;
        if (part.number === 2) shape = toShape(part.bytes);
      }
      tensor = { kind: kindOfType(element, `"${name}"`), shape };
    }
  }
  return { name, tensor };
}

interface AttributeParts {
  name: string;
  type: number;
  float: number;
  integer: number;
  string: string;
  tensor: Value | undefined;
  readonly floats: number[];
  readonly integers: number[];
  readonly strings: string[];
}

function addAttributeField(parts: AttributeParts, field: Field): void {
  switch (field.number) {
    case 1:
      parts.name = toText(field.bytes);
      break;
    case 2:
      parts.float = toFloats(field)[0] ?? 0;
      break;
    case 3:
      parts.integer = field.varint;
      break;
    case 4:
      parts.string = toText(field.bytes);
      break;
    case 5:
      parts.tensor = toConstant(field.bytes).value;
      break;
    case 7:
      for (const value of toFloats(field)) parts.floats.push(value);
      break;
    case 8:
      for (const value of toVarints(field)) parts.integers.push(value);
      break;
    case 9:
      parts.strings.push(toText(field.bytes));
      break;
    case 20:
      parts.type = field.varint;
      break;
    default:
  }
}

function toAttribute(bytes: Uint8Array): readonly [string, Attribute] {
  const parts: AttributeParts = {
    name: '',
    type: 0,
    float: 0,
    integer: 0,
    string: '',
    tensor: undefined,
    floats: [],
    integers: [],
    strings: [],
  };
  for (const field of readFields(bytes)) addAttributeField(parts, field);
  const { name, type, tensor } = parts;
  // AttributeProto.AttributeType
  if (type === 1) return [name, { type: 'float', value: parts.float }];
  if (type === 2) return [name, { type: 'int', value: parts.integer }];
  if (type === 3) return [name, { type: 'string', value: parts.string }];
  if (type === 4 && tensor !== undefined) return [name, { type: 'tensor', tensor }];
  if (type === 5) return [name, { type: 'graph' }];
  if (type === 6) return [name, { type: 'floats', values: parts.floats }];
  if (type === 7) return [name, { type: 'ints', values: parts.integers }];
  if (type === 8) return [name, { type: 'strings', values: parts.strings }];
  throw new UnsupportedError(`attribute "${name}" is of ONNX attribute type ${type}`);
}

function toNode(bytes: Uint8Array, opsets: ReadonlyMap<string, number>): GraphNode {
  let op = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  for (const field of readFields(bytes)) {
    if (field.number === 1) inputs.push(toText(field.bytes));
    else if (field.number === 2) outputs.push(toText(field.bytes));
    else if (field.number === 4) op = toText(field.bytes);
    else if (field.number === 5) attributes.set(...toAttribute(field.bytes));
    else if (field.number === 7) domain = toDomain(toText(field.bytes));
  }
  const opset = opsets.get(domain);
  if (opset === undefined) throw new UnsupportedError(`operator ${op} is of domain "${domain}", which the file does not import`);
  return { op, domain, opset, inputs, outputs, attributes };
}

const toDomain = (text: string): string => (text === 'ai.onnx' ? '' : text);

/** Version by domain. A domain may stand twice (converters of scikit-learn write it so): the last counts, as in ONNX Runtime. */
function toOpsets(fields: readonly Field[]): ReadonlyMap<string, number> {
  const opsets = new Map<string, number>();
  for (const field of fields) {
    let domain = '';
    let version = 0;
    for (const part of readFields(field.bytes)) {
      if (part.number === 1) domain = toDomain(toText(part.bytes));
      if (part.number === 2) version = part.varint;
    }
    opsets.set(domain, version);
  }
  return opsets;
}

/** Reads a file. Throws `UnsupportedError` for what the evaluator leaves to ONNX Runtime, `ProtobufError` for what is no ONNX file. */
export function readOnnx(bytes: Uint8Array): OnnxGraph {
  const model = [...readFields(bytes)];
  if (model.some((field) => field.number === 20 || field.number === 25))
    throw new UnsupportedError('the file has training information or functions');
  const opsets = toOpsets(model.filter((field) => field.number === 8));
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Value>();
  const inputs: GraphPort[] = [];
  const outputs: GraphPort[] = [];
  for (const field of model) {
    if (field.number !== 7) continue;
    for (const part of readFields(field.bytes)) {
      if (part.number === 1) nodes.push(toNode(part.bytes, opsets));
      else if (part.number === 5) {
        const { name, value } = toConstant(part.bytes);
        constants.set(name, value);
      } else if (part.number === 11) inputs.push(toPort(part.bytes));
      else if (part.number === 12) outputs.push(toPort(part.bytes));
      else if (part.number === 15) throw new UnsupportedError('the file has sparse tensors');
      if (nodes.length > MOST_NODES) throw new UnsupportedError(`the graph has more than ${MOST_NODES} nodes`);
    }
  }
  return { nodes, constants, inputs: inputs.filter((input) => !constants.has(input.name)), outputs };
}
