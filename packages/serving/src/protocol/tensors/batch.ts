import { fault } from '@pawl/core';
import type { Batch, TensorSpec } from '../../tensor/tensor.ts';
import { arrayOf, elementCount } from '../../tensor/tensor.ts';
import type { InferRequest } from './infer-request.ts';
import type { SentTensor } from './sent-tensor.ts';
import { toTensor } from './sent-tensor.ts';

/** The one input of a raw request: whatever its shape leaves open follows from its size. Throws `request_invalid`. */
function toOnlyInput(bytes: Uint8Array, signature: readonly TensorSpec[]): SentTensor {
  const [spec] = signature;
  if (spec === undefined || signature.length > 1)
    throw fault('request_invalid', { problem: `A raw request needs a model with one input; this one has ${signature.length}.` });
  const { name, datatype } = spec;
  if (datatype === 'BYTES') {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return { name, datatype, shape: spec.shape.map(() => 1), data: Buffer.concat([length, bytes]) };
  }
  // Rows are one when something else is open too.
  const open = spec.shape.lastIndexOf(-1);
  const fixed = spec.shape.map((size, axis) => (size === -1 && axis === open ? 1 : Math.abs(size)));
  const size = bytes.length / arrayOf(datatype).BYTES_PER_ELEMENT / elementCount(fixed);
  return { name, datatype, shape: fixed.map((one, axis) => (axis === open ? Math.floor(size) : one)), data: bytes };
}

/** The request's tensors as a model takes them; all have one number of rows. Throws `tensor_missing`, `tensor_unknown`, `tensor_invalid`. */
export function toBatch(
  request: InferRequest,
  model: { readonly inputs: readonly TensorSpec[]; readonly open: boolean },
  endpoint: string,
  maxRows: number,
): Batch {
  // A model that declares nothing takes what it is sent.
  const signature: readonly TensorSpec[] = model.open
    ? request.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [-1, ...shape.slice(1)] }))
    : model.inputs;
  const inputs = request.raw === undefined ? request.inputs : [toOnlyInput(request.raw, signature)];
  const sent = new Map<string, SentTensor>();
  for (const tensor of inputs) {
    if (sent.has(tensor.name)) throw fault('tensor_invalid', { tensor: tensor.name, expected: 'it once', found: 'it twice' });
    sent.set(tensor.name, tensor);
  }
  for (const spec of signature) if (!sent.has(spec.name)) throw fault('tensor_missing', { tensor: spec.name, endpoint });
  if (sent.size > signature.length) {
    const known = new Set(signature.map((spec) => spec.name));
    const stranger = inputs.find((tensor) => !known.has(tensor.name));
    throw fault('tensor_unknown', { tensor: stranger?.name ?? '', endpoint });
  }
  let rows: number | undefined;
  const columns = signature.map((spec) => {
    const tensor = toTensor(sent.get(spec.name) as SentTensor, spec);
    const [count = 0] = tensor.shape;
    rows ??= count;
    const expected = count > maxRows ? `at most ${maxRows} rows in one request` : `${rows} rows, as the first input has`;
    if (count !== rows || count > maxRows) throw fault('tensor_invalid', { tensor: spec.name, expected, found: `${count}` });
    return [spec.name, tensor] as const;
  });
  return { rows: rows ?? 0, columns: Object.fromEntries(columns) };
}
