import type { Attribute, GraphNode, Kind, Value } from '../graph.ts';
import { UnsupportedError, isTexts } from '../graph.ts';

/** An operator with its attributes read: outputs of inputs. Throws an Error for values it cannot take. */
export interface Kernel {
  run(inputs: readonly (Value | undefined)[]): readonly Value[];
  /** Compiles what is worth it for the kinds of values that it has met: called once, after a first run. */
  prepare?(): Promise<void>;
  /** What a row must hold to reach every part of this operator: numbers by column, or texts. */
  readonly probes?: Probes;
}

/** Values worth trying: by column of the operator's input, or the same for all of its columns. */
export type Probes =
  | { readonly of: 'columns'; readonly values: ReadonlyMap<number, readonly number[]> }
  | { readonly of: 'all'; readonly values: readonly (number | string)[] };

/** An operator's attributes, typed. Each getter throws `UnsupportedError` for an attribute of another type. */
export interface NodeView {
  readonly op: string;
  readonly opset: number;
  readonly outputs: number;
  has(name: string): boolean;
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  string(name: string, otherwise: string): string;
  ints(name: string): readonly number[] | undefined;
  floats(name: string): readonly number[] | undefined;
  strings(name: string): readonly string[] | undefined;
  tensor(name: string): Value | undefined;
}

export type Operator = (node: NodeView) => Kernel;

export function toNodeView(node: GraphNode): NodeView {
  function get<T extends Attribute['type']>(name: string, type: T): Extract<Attribute, { type: T }> | undefined {
    const attribute = node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== type) throw new UnsupportedError(`${node.op}: attribute "${name}" is of type ${attribute.type}`);
    return attribute as Extract<Attribute, { type: T }>;
  }
  return {
    op: node.op,
    opset: node.opset,
    outputs: node.outputs.length,
    has: (name) => node.attributes.has(name),
    int: (name, otherwise) => get(name, 'int')?.value ?? otherwise,
    float: (name, otherwise) => get(name, 'float')?.value ?? otherwise,
    string: (name, otherwise) => get(name, 'string')?.value ?? otherwise,
    ints: (name) => get(name, 'ints')?.values,
    floats: (name) => get(name, 'floats')?.values,
    strings: (name) => get(name, 'strings')?.values,
    tensor: (name) => get(name, 'tensor')?.tensor,
  };
}

/** An operator of one output that works on its first input alone. */
export function unaryKernel(run: (value: Value) => Value): Kernel {
  return { run: ([value]) => [run(given(value, 0))] };
}

export function given(value: Value | undefined, index: number): Value {
  if (value === undefined) throw new Error(`input ${index} is missing`);
  return value;
}

/** A tensor's elements as numbers. */
export function numbers(value: Value): Float32Array | Float64Array | Uint8Array {
  if (isTexts(value.data)) throw new Error('texts where numbers are needed');
  return value.data;
}

export function texts(value: Value): readonly string[] {
  if (!isTexts(value.data)) throw new Error('numbers where texts are needed');
  return value.data;
}

export const isFloat = (kind: Kind): boolean => kind === 'FP32' || kind === 'FP64';

/** An axis counted from the end when it is negative. */
export function toAxis(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (!(found >= 0 && found < rank)) throw new Error(`axis ${axis} of a tensor with ${rank} dimensions`);
  return found;
}

/** Product of the sizes of some axes. */
function product(shape: readonly number[], from: number, until: number): number {
  let count = 1;
  for (let axis = from; axis < until; axis++) count *= shape[axis] as number;
  return count;
}

/** A tensor seen as [outer, size, inner] around an axis. */
export function around(shape: readonly number[], axis: number): { readonly outer: number; readonly size: number; readonly inner: number } {
  return { outer: product(shape, 0, axis), size: shape[axis] as number, inner: product(shape, axis + 1, shape.length) };
}

/** A tensor seen as [rows, width]: all but the last dimension are rows; one dimension is one row. */
export function asRows({ shape }: Value): { readonly rows: number; readonly width: number } {
  return { rows: product(shape, 0, shape.length - 1), width: shape.at(-1) ?? 1 };
}

/** The numbers of an integer tensor: axes, sizes, indices. */
export function toInts(value: Value): readonly number[] {
  return Array.from(numbers(value));
}

/** What was found last, again for the same argument: axes, sizes and indices are constants of a graph more often than not. */
export function remembering<A extends object, R>(find: (argument: A) => R): (argument: A) => R {
  let last: { readonly argument: A; readonly result: R } | undefined;
  return (argument) => {
    if (last?.argument !== argument) last = { argument, result: find(argument) };
    return last.result;
  };
}
