import { fault } from '@pawl/core';
import type { Datatype } from '../../tensor/tensor.ts';
import { isDatatype } from '../../tensor/tensor.ts';
import { kindOf } from '../../tensor/cells.ts';
import type { InferRequest, Parameters, WantedOutput } from '../tensors/infer-request.ts';
import type { SentTensor } from '../tensors/sent-tensor.ts';
import {
  DATATYPES,
  LARGEST_RANK,
  LONGEST_ID,
  toClassCount,
  toEventTime,
  toFlag,
  toStickyKey,
  toTimeout,
} from '../tensors/infer-request.ts';
import { needsExact } from '../tensors/sent-tensor.ts';
import type { Tail } from './binary.ts';
import { createTail, cutBody } from './binary.ts';
import { parseRequest } from '../request-text.ts';

type Fields = Readonly<Record<string, unknown>>;

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
      expected: `"datatype": ${DATATYPES}`,
      found: kindOf(value),
    });
  }
  return value;
}

function toSentTensor(value: unknown, index: number, tail: Tail): SentTensor {
  if (!isFields(value)) throw invalid(`inputs[${index}] must be an object with name, shape, datatype and data.`);
  const { name } = value;
  if (typeof name !== 'string' || name === '') throw invalid(`inputs[${index}] has no "name".`);
  const shape = toShape(value['shape'], name);
  const datatype = toDatatype(value['datatype'], name);
  const { binary_data_size: size } = toParameters(value['parameters'], `input "${name}"`);
  const { data } = value;
  if (size !== undefined) {
    if (data !== undefined) throw fault('tensor_invalid', { tensor: name, expected: 'either "data" or "binary_data_size"', found: 'both' });
    return { name, shape, datatype, data: tail.take(name, size) };
  }
  if (!Array.isArray(data)) throw fault('tensor_invalid', { tensor: name, expected: '"data": an array', found: kindOf(data) });
  return { name, shape, datatype, data };
}

function toWantedOutput(value: unknown, index: number): WantedOutput {
  if (!isFields(value) || typeof value['name'] !== 'string') throw invalid(`outputs[${index}] must be an object with "name".`);
  const { name } = value;
  const { binary_data: binary, classification: classes } = toParameters(value['parameters'], `output "${name}"`);
  return { name, binary: toFlag(binary, `"binary_data" of output "${name}"`), classes: toClassCount(classes, name) };
}

function toList<Item>(value: unknown, field: string, read: (item: unknown, index: number) => Item): readonly Item[] {
  if (!Array.isArray(value)) throw invalid(`"${field}" must be an array.`);
  return value.map(read);
}

function fromValue(root: unknown, tail: Tail): InferRequest {
  if (!isFields(root)) throw invalid('The request body must be a JSON object with "inputs".');
  const { id } = root;
  if (id !== undefined && id !== null && typeof id !== 'string') throw invalid('"id" must be a string.');
  if (typeof id === 'string' && id.length > LONGEST_ID) throw invalid(`"id" is longer than ${LONGEST_ID} characters.`);
  if (root['inputs'] === undefined) throw invalid('"inputs" is missing.');
  const inputs = toList(root['inputs'], 'inputs', (value, index) => toSentTensor(value, index, tail));
  tail.end();
  const parameters = toParameters(root['parameters'], 'the request');
  const outputs = root['outputs'] === undefined || root['outputs'] === null ? [] : toList(root['outputs'], 'outputs', toWantedOutput);
  const eventTime = toEventTime(parameters['event_time']);
  const binaryOutput = toFlag(parameters['binary_data_output'], '"binary_data_output"') ?? false;
  const timeout = toTimeout(parameters['timeout']);
  return { id: id ?? undefined, stickyKey: toStickyKey(parameters), eventTime, outputs, binaryOutput, inputs, ...timeout };
}

/**
 * Reads a body.
 * @param header of the binary tensor extension, as it was sent
 * Throws `request_invalid`, `tensor_invalid`.
 */
export function toInferRequest(body: Uint8Array, header?: string): InferRequest {
  const { json, rest } = cutBody(body, header);
  if (json === undefined)
    return { id: undefined, stickyKey: undefined, eventTime: undefined, outputs: [], binaryOutput: true, inputs: [], raw: rest };
  const text = parseRequest(json);
  const request = fromValue(text.value, createTail(rest));
  return request.inputs.some(needsExact) ? fromValue(text.exact(), createTail(rest)) : request;
}
