import type { MethodDefinition } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { HEALTH_PROTO, INFERENCE_PROTO } from './proto.ts';

/** Fields of a decoded message; 64-bit integers are `Long`. */
export type Fields = Readonly<Record<string, unknown>>;

type Method = MethodDefinition<Fields, object>;

interface Codec {
  readonly encode: (message: object) => Buffer;
  readonly decode: (bytes: Buffer) => Fields;
}

const root = new protobuf.Root();
for (const text of [INFERENCE_PROTO, HEALTH_PROTO]) protobuf.parse(text, root, { keepCase: true });
root.resolveAll();

function createCodec(name: string): Codec {
  const type = root.lookupType(name);
  return {
    encode: (message) => Buffer.from(type.encode(type.fromObject(message)).finish()),
    // Defaults are needed: proto3 leaves out what is zero or empty.
    decode: (bytes) => type.toObject(type.decode(bytes), { defaults: true, arrays: true, objects: true, oneofs: true }) as Fields,
  };
}

/** A method of a service in the form that grpc-js takes. */
function defineMethod(service: string, name: string, request: string, response: string, stream: 'none' | 'answers' | 'both'): Method {
  const asked = createCodec(request);
  const answered = createCodec(response);
  return {
    path: `/${service}/${name}`,
    requestStream: stream === 'both',
    responseStream: stream !== 'none',
    requestSerialize: asked.encode,
    requestDeserialize: asked.decode,
    responseSerialize: answered.encode,
    responseDeserialize: answered.decode,
  };
}

const inference = (name: string, request: string, response: string, stream: 'none' | 'both' = 'none') =>
  defineMethod('inference.GRPCInferenceService', name, `inference.${request}`, `inference.${response}`, stream);

const health = (name: string, stream: 'none' | 'answers') =>
  defineMethod('grpc.health.v1.Health', name, 'grpc.health.v1.HealthCheckRequest', 'grpc.health.v1.HealthCheckResponse', stream);

export type InferenceCall =
  | 'ServerLive'
  | 'ServerReady'
  | 'ServerMetadata'
  | 'ModelReady'
  | 'ModelMetadata'
  | 'ModelConfig'
  | 'ModelStatistics'
  | 'ModelInfer'
  | 'ModelStreamInfer'
  | 'RepositoryIndex'
  | 'RepositoryModelLoad'
  | 'RepositoryModelUnload';

export const inferenceService: Readonly<Record<InferenceCall, Method>> = {
  ServerLive: inference('ServerLive', 'Empty', 'ServerLiveResponse'),
  ServerReady: inference('ServerReady', 'Empty', 'ReadyResponse'),
  ModelReady: inference('ModelReady', 'Named', 'ReadyResponse'),
  ServerMetadata: inference('ServerMetadata', 'Empty', 'ServerMetadataResponse'),
  ModelMetadata: inference('ModelMetadata', 'Named', 'ModelMetadataResponse'),
  ModelInfer: inference('ModelInfer', 'ModelInferRequest', 'ModelInferResponse'),
  ModelStreamInfer: inference('ModelStreamInfer', 'ModelInferRequest', 'ModelStreamInferResponse', 'both'),
  ModelConfig: inference('ModelConfig', 'Named', 'ModelConfigResponse'),
  ModelStatistics: inference('ModelStatistics', 'Named', 'ModelStatisticsResponse'),
  RepositoryIndex: inference('RepositoryIndex', 'RepositoryIndexRequest', 'RepositoryIndexResponse'),
  RepositoryModelLoad: inference('RepositoryModelLoad', 'RepositoryModelRequest', 'Empty'),
  RepositoryModelUnload: inference('RepositoryModelUnload', 'RepositoryModelRequest', 'Empty'),
};

export const healthService: Readonly<Record<'Check' | 'Watch', Method>> = {
  Check: health('Check', 'none'),
  Watch: health('Watch', 'answers'),
};
