import { fault } from '@pawl/core';
import type { ModelDescription, InferAnswer, NamedTensor } from '../../endpoint/endpoint.ts';
import type { TensorSpec } from '../../tensor/tensor.ts';
import { isText } from '../../tensor/tensor.ts';

/** JSON.rawJSON (ES2025 proposal, in V8 since 11.4) is not in the library types yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** NaN is written as null and infinities as strings, which NumPy turns back: JSON has neither. */
function toJsonNumber(value: number): unknown {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : String(value);
}

function toJsonData({ name, tensor }: NamedTensor): readonly unknown[] {
  const { data, datatype } = tensor;
  if (datatype === 'FP16') throw fault('extension_unsupported', { what: `Output "${name}" of datatype FP16, which has no JSON form,` });
  if (isText(data)) return data;
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => value !== 0);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Array.from(data, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : rawJSON(value.toString())));
  }
  return Array.from(data as Float64Array, toJsonNumber);
}

/** Body of a 200 of `infer`. Throws `extension_unsupported` for a datatype that JSON cannot carry. */
export function toInferBody(model: string, id: string | undefined, predictionId: string, answer: InferAnswer): string {
  return JSON.stringify({
    model_name: model,
    model_version: String(answer.version),
    id: id ?? predictionId,
    parameters: { prediction_id: predictionId },
    outputs: answer.outputs.map((output) => ({
      name: output.name,
      shape: output.tensor.shape,
      datatype: output.tensor.datatype,
      data: toJsonData(output),
    })),
  });
}

const toTensorBody = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape });

/** Body of a model's metadata. */
export function toModelBody(description: ModelDescription): string {
  return JSON.stringify({
    name: description.name,
    versions: description.versions.map(String),
    platform: description.platform,
    inputs: description.inputs.map(toTensorBody),
    outputs: description.outputs.map(toTensorBody),
    properties: { model: description.model, engine: description.engine },
  });
}
