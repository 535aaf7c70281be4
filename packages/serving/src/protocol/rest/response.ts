import type { ModelDescription, InferAnswer } from '../../endpoint/endpoint.ts';
import type { TensorSpec } from '../../tensor/tensor.ts';
import { toJsonData } from '../json-values.ts';

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
