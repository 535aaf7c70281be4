import { fault } from '@pawl/core';
import type { Batch, Datatype, TensorSpec } from '../../tensor/tensor.ts';
import type { SentTensor } from './elements.ts';
import { isDatatype } from '../../tensor/tensor.ts';
import { kindOf } from '../../tensor/cells.ts';
import { needsExact, toTensor } from './elements.ts';
import { parseRequest } from './json.ts';

type Fields = Readonly<Record<string, unknown>>;
type Parameters = Readonly<Record<string, string | number | boolean>>;

/** An inference request whose form is right; whether its tensors fit is the model's to say. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly stickyKey: string | undefined;
  /** When it happened, epoch ms, for a request that is replayed or late; undefined: now. */
  readonly eventTime: number | undefined;
  readonly outputs: readonly string[];
  readonly inputs: readonly SentTensor[];
}

const LARGEST_RANK = 8;

const invalid = (problem: string) => fault('request_invalid', { problem });

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parameters are texts, numbers and booleans (specification, "Parameters"). */
function toParameters(value: unknown, where: string): Parameters {
  if (value === undefined || value === null) return {};
  if (!isFields(value)) throw invalid(`"parameters" of ${where} must be an object.`);
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === 'object') throw invalid(`Parameter ${JSON.stringify(name)} of ${where} must be a string, a number or a boolean.`);
  }
  return value as Parameters;
}

function refuseBinary(parameters: Parameters, where: string): void {
  if (parameters['binary_data_size'] !== undefined || parameters['binary_data'] === true || parameters['binary_data_output'] === true) {
    throw fault('extension_unsupported', { what: `Binary tensor data (asked for by ${where})` });
  }
}

function toShape(value: unknown, name: string): readonly number[] {
  if (!Array.isArray(value)) throw fault('tensor_invalid', { tensor: name, expected: '"shape": an array of sizes', found: kindOf(value) });
  if (value.length > LARGEST_RANK)
    throw fault('tensor_invalid', { tensor: name, expected: `at most ${LARGEST_RANK} dimensions`, found: `${value.length}` });
  for (const size of value as readonly unknown[]) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw fault('tensor_invalid', { tensor: name, expected: '"shape" with whole sizes of 0 or more', found: kindOf(size) });
    }
  }
  return value as readonly number[];
}

function toDatatype(value: unknown, name: string): Datatype {
  if (typeof value !== 'string' || !isDatatype(value)) {
    throw fault('tensor_invalid', {
      tensor: name,
      expected: '"datatype": BOOL, UINT8…UINT64, INT8…INT64, FP32, FP64 or BYTES',
      found: kindOf(value),
    });
  }
  return value;
}

function toSentTensor(value: unknown, index: number): SentTensor {
  if (!isFields(value)) throw invalid(`inputs[${index}] must be an object with name, shape, datatype and data.`);
  const { name } = value;
  if (typeof name !== 'string' || name === '') throw invalid(`inputs[${index}] has no "name".`);
  const shape = toShape(value['shape'], name);
  const datatype = toDatatype(value['datatype'], name);
  refuseBinary(toParameters(value['parameters'], `input "${name}"`), `input "${name}"`);
  const { data } = value;
  if (!Array.isArray(data)) throw fault('tensor_invalid', { tensor: name, expected: '"data": an array', found: kindOf(data) });
  return { name, shape, datatype, data };
}

function toOutputName(value: unknown, index: number): string {
  if (!isFields(value) || typeof value['name'] !== 'string') throw invalid(`outputs[${index}] must be an object with "name".`);
  refuseBinary(toParameters(value['parameters'], `output "${value['name']}"`), `output "${value['name']}"`);
  return value['name'];
}

function toList<Item>(value: unknown, field: string, read: (item: unknown, index: number) => Item): readonly Item[] {
  if (!Array.isArray(value)) throw invalid(`"${field}" must be an array.`);
  return value.map(read);
}

function fromValue(root: unknown): InferRequest {
  if (!isFields(root)) throw invalid('The request body must be a JSON object with "inputs".');
  const { id } = root;
  if (id !== undefined && id !== null && typeof id !== 'string') throw invalid('"id" must be a string.');
  if (typeof id === 'string' && id.length > LONGEST_ID) throw invalid(`"id" is longer than ${LONGEST_ID} characters.`);
  if (root['inputs'] === undefined) throw invalid('"inputs" is missing.');
  const inputs = toList(root['inputs'], 'inputs', toSentTensor);
  const parameters = toParameters(root['parameters'], 'the request');
  refuseBinary(parameters, 'the request');
  const outputs = root['outputs'] === undefined || root['outputs'] === null ? [] : toList(root['outputs'], 'outputs', toOutputName);
  const stickyKey = parameters['sticky_key'];
  const eventTime = toEventTime(parameters['event_time']);
  return { id: id ?? undefined, stickyKey: stickyKey === undefined ? undefined : `${stickyKey}`, eventTime, outputs, inputs };
}

/** It is recorded with every row of the request, so a long one would be multiplied. */
const LONGEST_ID = 1024;

/** Years 1970 to 9999: what a date can be written for. */
const LATEST_TIME = 253_402_300_799_999;

function toEventTime(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LATEST_TIME) return value;
  throw invalid('Parameter "event_time" must be whole epoch milliseconds.');
}

/** Reads a body. Throws `request_invalid`, `tensor_invalid`, `extension_unsupported`. */
export function toInferRequest(body: Uint8Array): InferRequest {
  const text = parseRequest(body);
  const request = fromValue(text.value);
  return request.inputs.some(needsExact) ? fromValue(text.exact()) : request;
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
  const sent = new Map<string, SentTensor>();
  for (const tensor of request.inputs) {
    if (sent.has(tensor.name)) throw fault('tensor_invalid', { tensor: tensor.name, expected: 'it once', found: 'it twice' });
    sent.set(tensor.name, tensor);
  }
  for (const spec of signature) if (!sent.has(spec.name)) throw fault('tensor_missing', { tensor: spec.name, endpoint });
  if (sent.size > signature.length) {
    const known = new Set(signature.map((spec) => spec.name));
    const stranger = request.inputs.find((tensor) => !known.has(tensor.name));
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
