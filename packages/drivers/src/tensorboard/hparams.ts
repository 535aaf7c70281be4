import { fieldOf } from './event.ts';
import { readFields, toDouble, toInt64, toText } from './protobuf.ts';

/** What the plugin `hparams` notes of a run (tensorboard/plugins/hparams/plugin_data.proto and api.proto). */
export interface Hparams {
  readonly params: Readonly<Record<string, string>>;
  readonly status: 'finished' | 'failed' | undefined;
}

/** `content` of a value whose plugin is `hparams`. Throws RangeError for what is none. */
export function readHparams(content: Uint8Array): Hparams {
  const params: Record<string, string> = {};
  const start = fieldOf(content, 3);
  for (const { number, bytes } of start === undefined ? [] : readFields(start)) {
    if (number !== 1 || bytes === undefined) continue;
    const [key, value] = [fieldOf(bytes, 1), fieldOf(bytes, 2)];
    if (key !== undefined) params[toText(key)] = value === undefined ? '' : toValue(value);
  }
  const end = fieldOf(content, 4);
  let status: Hparams['status'];
  for (const { number, varint } of end === undefined ? [] : readFields(end))
    if (number === 1 && varint !== undefined) status = varint === 2n ? 'failed' : varint === 1n ? 'finished' : undefined;
  return { params, status };
}

/** google.protobuf.Value, of which hyperparameters use numbers, texts and truth values. */
function toValue(value: Uint8Array): string {
  for (const { number, varint, bytes } of readFields(value)) {
    if (number === 2 && bytes !== undefined) return String(toDouble(bytes));
    if (number === 3 && bytes !== undefined) return toText(bytes);
    if (number === 4 && varint !== undefined) return toInt64(varint) === 0 ? 'false' : 'true';
  }
  return '';
}
