import { readFields, toDouble, toFloat, toInt64, toText } from './protobuf.ts';
import { readTensor } from './tensor.ts';
import type { Tensor } from './tensor.ts';

/** One value of a summary (tensorflow/core/framework/summary.proto). */
export interface SummaryValue {
  readonly tag: string;
  /** Only with the first value of a tag. */
  readonly plugin: string | undefined;
  readonly content: Uint8Array | undefined;
  readonly scalar: number | undefined;
  readonly tensor: Tensor | undefined;
  readonly image: Uint8Array | undefined;
  /** What else it is. */
  readonly other: 'histograms' | 'audio' | undefined;
}

/** What an event file is made of (tensorflow/core/util/event.proto). */
export interface TensorboardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly values: readonly SummaryValue[];
}

/** Throws RangeError for what is no event. */
export function readEvent(message: Uint8Array): TensorboardEvent {
  let [wallTime, step] = [0, 0];
  const values: SummaryValue[] = [];
  for (const { number, varint, bytes } of readFields(message)) {
    if (number === 1 && bytes !== undefined) wallTime = toDouble(bytes);
    else if (number === 2 && varint !== undefined) step = toInt64(varint);
    else if (number === 5 && bytes !== undefined) {
      for (const field of readFields(bytes)) if (field.number === 1 && field.bytes !== undefined) values.push(readValue(field.bytes));
    }
  }
  return { wallTime, step, values };
}

function readValue(message: Uint8Array): SummaryValue {
  let tag = '';
  let [plugin, content, scalar, tensor, image, other]: [string?, Uint8Array?, number?, Tensor?, Uint8Array?, SummaryValue['other']?] = [];
  for (const { number, bytes } of readFields(message)) {
    if (bytes === undefined) continue;
    if (number === 1) tag = toText(bytes);
    else if (number === 2) scalar = toFloat(bytes);
    else if (number === 4) image = fieldOf(bytes, 4);
    else if (number === 5) other = 'histograms';
    else if (number === 6) other = 'audio';
    else if (number === 8) tensor = readTensor(bytes);
    else if (number === 9) {
      const data = fieldOf(bytes, 1);
      const name = data && fieldOf(data, 1);
      plugin = name && toText(name);
      content = data && fieldOf(data, 2);
    }
  }
  return { tag, plugin, content, scalar, tensor, image, other };
}

/** The bytes of a message's field; the last one counts. */
export function fieldOf(message: Uint8Array, wanted: number): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  for (const { number, bytes } of readFields(message)) if (number === wanted && bytes !== undefined) found = bytes;
  return found;
}
