/** An ONNX graph as the evaluator takes it in: names resolved later, numbers in JavaScript's arrays. */

/**
 * Element types that the evaluator computes with. Integers are held as doubles, exact to 2^53; FP16 and the unsigned kinds are left to ONNX Runtime.
 */
export type Kind = 'FP32' | 'FP64' | 'INT64' | 'INT32' | 'BOOL' | 'BYTES';

/** FP32 in a Float32Array, FP64 and integers in a Float64Array, BOOL as 0 and 1 in a Uint8Array, BYTES as text. */
export type ValueData = Float32Array | Float64Array | Uint8Array | readonly string[];

/** A tensor inside the evaluator, row-major. */
export interface Value {
  readonly kind: Kind;
  readonly shape: readonly number[];
  readonly data: ValueData;
}

/** What an attribute holds. A graph-valued one (of If, Loop, Scan) is only known to be there. */
export type Attribute =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'floats'; readonly values: readonly number[] }
  | { readonly type: 'ints'; readonly values: readonly number[] }
  | { readonly type: 'strings'; readonly values: readonly string[] }
  | { readonly type: 'tensor'; readonly tensor: Value }
  | { readonly type: 'graph' };

export interface GraphNode {
  readonly op: string;
  /** `''` is ai.onnx. */
  readonly domain: string;
  /** Version of the domain's operators that the file asks for. */
  readonly opset: number;
  /** An empty name is an optional input that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface GraphPort {
  readonly name: string;
  /** Undefined: not a tensor, but a sequence of maps (ZipMap's). */
  readonly tensor: { readonly kind: Kind; readonly shape: readonly number[] } | undefined;
}

export interface OnnxGraph {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Value>;
  /** Without those that are also constants. */
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
}

/** The graph holds something that the evaluator does not compute; ONNX Runtime may. */
export class UnsupportedError extends Error {}

export function isTexts(data: ValueData): data is readonly string[] {
  return Array.isArray(data);
}

export function countOf(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** Room for `count` numbers of a kind. */
export function numbersOf(kind: Exclude<Kind, 'BYTES'>, count: number): Float32Array | Float64Array | Uint8Array {
  if (kind === 'FP32') return new Float32Array(count);
  return kind === 'BOOL' ? new Uint8Array(count) : new Float64Array(count);
}
