import type { ModelDescription, InferAnswer } from '../../endpoint/endpoint.ts';
import type { TensorSpec } from '../../tensor/tensor.ts';
import { toRaw } from '../../tensor/raw.ts';
import { toJsonData } from '../json-values.ts';
import type { Reply } from '../reply.ts';
import { toAnswered } from '../tensors/answer.ts';
import type { InferRequest } from '../tensors/infer-request.ts';
import { LENGTH_HEADER } from './binary.ts';

/** A 200 of `infer`. Throws `request_invalid` for an output that cannot be had in the form asked for. */
export function toInferReply(model: string, request: InferRequest, predictionId: string, answer: InferAnswer): Reply {
  const tails: Uint8Array[] = [];
  const outputs = toAnswered(request, answer).map((output) => {
    const { name, tensor, binary } = output;
    const head = { name, shape: tensor.shape, datatype: tensor.datatype };
    if (!binary) return { ...head, data: toJsonData(output) };
    const bytes = toRaw(tensor);
    tails.push(bytes);
    return { ...head, parameters: { binary_data_size: bytes.length } };
  });
  const json = JSON.stringify({
    model_name: model,
    model_version: String(answer.version),
    id: request.id ?? predictionId,
    parameters: { prediction_id: predictionId },
    outputs,
  });
  if (tails.length === 0) return { status: 200, body: json };
  const header = Buffer.from(json);
  return {
    status: 200,
    body: Buffer.concat([header, ...tails]),
    headers: { 'content-type': 'application/octet-stream', [LENGTH_HEADER]: `${header.length}` },
  };
}

/** Body of a model's configuration, in the words of Triton's (`triton-inference-server/common:protobuf/model_config.proto`). */
export function toConfigBody(description: ModelDescription, maxRows: number): string {
  const toTensor = ({ name, datatype, shape }: TensorSpec) => ({
    name,
    data_type: `TYPE_${datatype === 'BYTES' ? 'STRING' : datatype}`,
    // Its dimensions leave the first one out, which counts rows.
    dims: shape.length < 2 ? [1] : shape.slice(1),
  });
  const { name, platform, inputs, outputs } = description;
  return JSON.stringify({
    name,
    platform,
    backend: 'pawl',
    max_batch_size: maxRows,
    input: inputs.map(toTensor),
    output: outputs.map(toTensor),
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
