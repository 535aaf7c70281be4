import type { Datatype, Tensor } from '../../tensor/tensor.ts';
import type { InferAnswer, ModelDescription } from '../../endpoint/endpoint.ts';
import type { TensorSpec } from '../../tensor/tensor.ts';
import { isText } from '../../tensor/tensor.ts';
import { toRaw } from '../../tensor/raw.ts';
import type { AnsweredTensor } from '../tensors/answer.ts';
import { toAnswered } from '../tensors/answer.ts';
import { CONFIG_TYPES } from './proto.ts';
import type { GrpcRequest } from './request.ts';
import { contentFields } from './request.ts';

const hasContents = (datatype: Datatype): datatype is keyof typeof contentFields => datatype !== 'FP16' && datatype !== 'BF16';

function toContents(tensor: Tensor & { readonly datatype: keyof typeof contentFields }): object {
  const { data, datatype } = tensor;
  const elements = isText(data)
    ? data.map((text) => Buffer.from(text))
    : data instanceof BigInt64Array || data instanceof BigUint64Array
      ? Array.from(data, String)
      : Array.from(data as Float64Array, (value) => (datatype === 'BOOL' ? value !== 0 : value));
  return { [contentFields[datatype]]: elements };
}

/** All outputs in one form: raw when that was asked for, or when one of them has no other. */
const isRaw = (outputs: readonly AnsweredTensor[]): boolean =>
  outputs.some(({ binary, tensor }) => binary || !hasContents(tensor.datatype));

/** A `ModelInferResponse`. Throws what `toAnswered` does. */
export function toGrpcAnswer(request: GrpcRequest, predictionId: string, answer: InferAnswer): object {
  const outputs = toAnswered(request, answer);
  const raw = isRaw(outputs);
  return {
    model_name: request.model,
    model_version: String(answer.version),
    id: request.id ?? predictionId,
    parameters: { prediction_id: { string_param: predictionId } },
    outputs: outputs.map(({ name, tensor }) => ({
      name,
      datatype: tensor.datatype,
      shape: tensor.shape,
      ...(!raw && hasContents(tensor.datatype) && { contents: toContents({ ...tensor, datatype: tensor.datatype }) }),
    })),
    raw_output_contents: raw ? outputs.map(({ tensor }) => toRaw(tensor)) : [],
  };
}

const toTensorMetadata = ({ name, datatype, shape }: TensorSpec): object => ({ name, datatype, shape });

export function toGrpcMetadata(description: ModelDescription): object {
  return {
    name: description.name,
    versions: description.versions.map(String),
    platform: description.platform,
    inputs: description.inputs.map(toTensorMetadata),
    outputs: description.outputs.map(toTensorMetadata),
    properties: { model: description.model, engine: description.engine },
  };
}

const toConfigTensor = ({ name, datatype, shape }: TensorSpec): object => ({
  name,
  data_type: CONFIG_TYPES[datatype],
  // Triton's dimensions leave the first one out, which counts rows.
  dims: shape.slice(1).length === 0 ? [1] : shape.slice(1),
});

export function toGrpcConfig(description: ModelDescription, maxRows: number): object {
  return {
    config: {
      name: description.name,
      platform: description.platform,
      max_batch_size: maxRows,
      input: description.inputs.map(toConfigTensor),
      output: description.outputs.map(toConfigTensor),
      backend: 'pawl',
    },
  };
}
