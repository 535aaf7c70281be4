import { fault } from '@pawl/core';
import type { Datatype } from '../../tensor/tensor.ts';
import { isDatatype } from '../../tensor/tensor.ts';
import type { InferRequest, Parameters, WantedOutput } from '../tensors/infer-request.ts';
import type { SentTensor } from '../tensors/sent-tensor.ts';
import { DATATYPES, LARGEST_RANK, toClassCount, toEventTime, toFlag, toStickyKey, toTimeout } from '../tensors/infer-request.ts';
import type { Fields } from './codec.ts';

/** 64-bit integers as protobufjs gives them. */
interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** A request of gRPC as that of REST. `raw`: its tensors came as bytes, and so should its answer's. */
export interface GrpcRequest extends InferRequest {
  readonly model: string;
  readonly version: string | undefined;
}

const invalid = (problem: string) => fault('request_invalid', { problem });

function toBigInt(value: unknown): bigint {
  if (typeof value === 'number') return BigInt(value);
  const { low, high, unsigned } = value as Long;
  return (BigInt(unsigned ? high >>> 0 : high) << 32n) | BigInt(low >>> 0);
}

const toNumber = (value: unknown): number => Number(toBigInt(value));

/** Which field of the contents holds elements of a datatype; the half ones have none. */
export const contentFields: Readonly<Record<Exclude<Datatype, 'FP16' | 'BF16'>, string>> = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

function toParameters(value: unknown): Parameters {
  const parameters: [string, string | number | boolean][] = [];
  for (const [name, parameter] of Object.entries(value as Readonly<Record<string, Fields>>)) {
    const choice = parameter['parameter_choice'];
    if (typeof choice !== 'string') continue;
    const item = parameter[choice];
    parameters.push([name, choice === 'int64_param' || choice === 'uint64_param' ? toNumber(item) : (item as string | number | boolean)]);
  }
  return Object.fromEntries(parameters);
}

function toData(name: string, datatype: Datatype, contents: Fields): readonly unknown[] {
  const field = datatype === 'FP16' || datatype === 'BF16' ? undefined : contentFields[datatype];
  const stranger = Object.keys(contents).find((other) => other !== field && (contents[other] as readonly unknown[]).length > 0);
  if (stranger !== undefined)
    throw fault('tensor_invalid', { tensor: name, expected: field ?? 'raw_input_contents', found: `${stranger} for ${datatype}` });
  if (field === undefined)
    throw fault('tensor_invalid', { tensor: name, expected: 'raw_input_contents', found: `contents for ${datatype}` });
  const elements = contents[field] as readonly unknown[];
  if (datatype === 'INT64' || datatype === 'UINT64') return elements.map(toBigInt);
  return datatype === 'BYTES' ? elements.map((bytes) => toText(name, bytes as Uint8Array)) : elements;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function toText(name: string, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw fault('tensor_invalid', { tensor: name, expected: 'UTF-8 text', found: 'other bytes' }, error);
  }
}

function toTensor(input: Fields, raw: Uint8Array | undefined): SentTensor {
  const name = input['name'] as string;
  const datatype = input['datatype'] as string;
  if (name === '') throw invalid('An input has no name.');
  if (!isDatatype(datatype)) throw fault('tensor_invalid', { tensor: name, expected: DATATYPES, found: 'another' });
  const shape = (input['shape'] as readonly unknown[]).map(toNumber);
  if (shape.length > LARGEST_RANK || shape.some((size) => !Number.isSafeInteger(size) || size < 0))
    throw fault('tensor_invalid', { tensor: name, expected: `at most ${LARGEST_RANK} sizes of 0 or more`, found: 'another shape' });
  return { name, shape, datatype, data: raw ?? toData(name, datatype, (input['contents'] ?? {}) as Fields) };
}

function toOutput(output: Fields): WantedOutput {
  const name = output['name'] as string;
  const { binary_data: binary, classification } = toParameters(output['parameters']);
  return { name, binary: toFlag(binary, `"binary_data" of output "${name}"`), classes: toClassCount(classification, name) };
}

/** Reads a decoded `ModelInferRequest`. Throws `request_invalid`, `tensor_invalid`. */
export function toGrpcRequest(message: Fields): GrpcRequest {
  const sent = message['inputs'] as readonly Fields[];
  const raw = message['raw_input_contents'] as readonly Uint8Array[];
  const version = message['model_version'] as string;
  const id = message['id'] as string;
  if (raw.length > 0 && raw.length !== sent.length)
    throw invalid(`raw_input_contents has ${raw.length} entries for ${sent.length} inputs; it needs one for each, or none.`);
  const typed = sent.find(
    ({ contents }) => contents !== null && Object.values(contents as Fields).some((list) => (list as readonly unknown[]).length > 0),
  );
  if (raw.length > 0 && typed !== undefined) throw invalid('Inputs come as raw_input_contents or as contents, not as both.');
  const parameters = toParameters(message['parameters']);
  return {
    model: message['model_name'] as string,
    version: version === '' ? undefined : version,
    id: id === '' ? undefined : id,
    stickyKey: toStickyKey(parameters),
    eventTime: toEventTime(parameters['event_time']),
    ...toTimeout(parameters['timeout']),
    outputs: (message['outputs'] as readonly Fields[]).map(toOutput),
    binaryOutput: toFlag(parameters['binary_data_output'], '"binary_data_output"') ?? raw.length > 0,
    inputs: sent.map((input, index) => toTensor(input, raw[index])),
  };
}
