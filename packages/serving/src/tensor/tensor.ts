/** Element types of the Open Inference Protocol ("Tensor Data Types"). */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'BF16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

export type NumericData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Row-major elements. BOOL is 0 or 1 in bytes, FP16 and BF16 their raw 16-bit words, BYTES text. */
export type TensorData = NumericData | readonly string[];

export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** −1: any size. The first dimension counts rows. */
  readonly shape: readonly number[];
  /** Names of a row's values, in order, where an input of [rows, columns] has them. */
  readonly columns?: readonly string[];
}

export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
  /** Of BYTES: which elements are missing; those are empty texts. Absent: none. */
  readonly missing?: readonly boolean[];
}

/** Tensors by name. */
export type Columns = Readonly<Record<string, Tensor>>;

/** Rows that travel together: every column's first dimension is `rows`. */
export interface Batch {
  readonly rows: number;
  readonly columns: Columns;
  /** When nobody waits for the answer any more, by `performance.now()`: it need not be begun then. */
  readonly expires?: number;
  /** What the model's code is told beside the rows; only Python takes it. */
  readonly params?: Readonly<Record<string, unknown>>;
}

interface NumericArray {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): NumericData;
  new (buffer: ArrayBuffer, offset: number, length: number): NumericData;
}

const arrays: Readonly<Record<Exclude<Datatype, 'BYTES'>, NumericArray>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

export function isDatatype(text: string): text is Datatype {
  return text === 'BYTES' || Object.hasOwn(arrays, text);
}

/** The typed array that holds a datatype. */
export function arrayOf(datatype: Exclude<Datatype, 'BYTES'>): NumericArray {
  return arrays[datatype];
}

export function isText(data: TensorData): data is readonly string[] {
  return Array.isArray(data);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A tensor of zeros, of `false` or of empty texts. */
export function zeroTensor(datatype: Datatype, shape: readonly number[]): Tensor {
  const count = elementCount(shape);
  const data = datatype === 'BYTES' ? Array.from({ length: count }, () => '') : new (arrayOf(datatype))(count);
  return { datatype, shape, data };
}

/** Puts tensors of one datatype and one row shape under one another. */
export function joinRows(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new RangeError('there is nothing to join');
  const rows = tensors.reduce((sum, tensor) => sum + (tensor.shape[0] ?? 0), 0);
  const shape = [rows, ...first.shape.slice(1)];
  if (first.datatype === 'BYTES') {
    const data = tensors.flatMap((tensor) => tensor.data as readonly string[]);
    if (tensors.every((tensor) => tensor.missing === undefined)) return { datatype: 'BYTES', shape, data };
    return {
      datatype: 'BYTES',
      shape,
      data,
      missing: tensors.flatMap((tensor) => tensor.missing ?? Array.from({ length: tensor.data.length }, () => false)),
    };
  }
  const data = new (arrayOf(first.datatype))(elementCount(shape));
  let offset = 0;
  for (const tensor of tensors) {
    // Both sides are the same kind of array: the datatype is one.
    (data as Float64Array).set(tensor.data as Float64Array, offset);
    offset += tensor.data.length;
  }
  return { datatype: first.datatype, shape, data };
}

/** Rows `from` (inclusive) to `until` (exclusive) as a tensor of its own, that shares no memory. */
export function sliceRows(tensor: Tensor, from: number, until: number): Tensor {
  const width = elementCount(tensor.shape.slice(1));
  return {
    datatype: tensor.datatype,
    shape: [until - from, ...tensor.shape.slice(1)],
    data: tensor.data.slice(from * width, until * width),
    ...(tensor.missing && { missing: tensor.missing.slice(from * width, until * width) }),
  };
}
