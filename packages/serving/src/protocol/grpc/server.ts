import type * as grpc from '@grpc/grpc-js';
import { fault, isFault } from '@pawl/core';
import type { InferencePorts } from '../http.ts';
import { SERVER_NAME, SERVER_VERSION } from '../server-info.ts';
import { toModelStatistics } from '../statistics.ts';
import { toBatch } from '../tensors/batch.ts';
import type { Fields, InferenceCall } from './codec.ts';
import { toGrpcRequest } from './request.ts';
import { toGrpcAnswer, toGrpcConfig, toGrpcMetadata } from './response.ts';
import { grpcCodes, toGrpcCode } from './status.ts';

/** Extensions that are answered over gRPC. */
const EXTENSIONS = ['statistics', 'model_repository', 'model_configuration', 'classification', 'parameters', 'binary_tensor_data'];

const HEALTH = { unknown: 0, serving: 1, notServing: 2, serviceUnknown: 3 } as const;
const HEALTH_LOOK_MS = 1000;

/** What a message may have beside its tensors. */
const OVERHEAD_BYTES = 64 * 1024;

export interface GrpcServer {
  /** The port it listens on. Throws `invalid_input`. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more calls and ends what is under way, for at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

type Unary = grpc.ServerUnaryCall<Fields, object>;
type Stream = grpc.ServerDuplexStream<Fields, object>;

/** The Open Inference Protocol over gRPC, with Triton's streams, index and configuration, and gRPC's own health check. */
export async function createGrpcServer(ports: Pick<InferencePorts, 'plane' | 'ids' | 'logger'>): Promise<GrpcServer> {
  // Ten megabytes, and only for those who listen for it.
  const { Server, ServerCredentials } = await import('@grpc/grpc-js');
  const { healthService, inferenceService } = await import('./codec.ts');
  const { plane, ids, logger } = ports;
  const { limits } = plane;
  const server = new Server({
    'grpc.max_receive_message_length': limits.maxBodyBytes + OVERHEAD_BYTES,
    'grpc.max_send_message_length': -1,
  });

  async function infer(message: Fields, metadata: grpc.Metadata): Promise<object> {
    const model = message['model_name'] as string;
    // Unknown names are told before the tensors are looked at.
    if (!plane.has(model)) throw fault('endpoint_unknown', { name: model });
    const request = toGrpcRequest(message);
    const predictionId = ids.next();
    const [key] = metadata.get('x-pawl-key');
    const answer = await plane.infer(model, {
      predictionId,
      requestId: request.id ?? null,
      stickyKey: typeof key === 'string' ? key : request.stickyKey,
      eventTime: request.eventTime,
      ...(request.timeoutMs !== undefined && { timeoutMs: request.timeoutMs }),
      version: request.version,
      outputs: request.outputs.map(({ name }) => name),
      read: (served) => toBatch(request, served, model, limits.maxRequestRows),
    });
    return toGrpcAnswer(request, predictionId, answer);
  }

  const describe = ({ name, version }: Fields) => plane.describe(name as string, version === '' ? undefined : (version as string));

  function modelReady(message: Fields): boolean {
    try {
      describe(message);
      return true;
    } catch (error) {
      if (isFault(error, 'model_not_ready')) return false;
      throw error;
    }
  }

  function refuseRepository(): never {
    throw fault('extension_unsupported', { what: 'Loading and unloading by hand (models come and go with rollouts)' });
  }

  const unary: Readonly<
    Record<Exclude<InferenceCall, 'ModelStreamInfer'>, (message: Fields, metadata: grpc.Metadata) => object | Promise<object>>
  > = {
    ServerLive: () => ({ live: true }),
    ServerReady: () => ({ ready: plane.ready() }),
    ServerMetadata: () => ({ name: SERVER_NAME, version: SERVER_VERSION, extensions: EXTENSIONS }),
    ModelReady: (message) => ({ ready: modelReady(message) }),
    ModelMetadata: (message) => toGrpcMetadata(describe(message)),
    ModelConfig: (message) => toGrpcConfig(describe(message), limits.maxRequestRows),
    ModelStatistics: ({ name, version }) =>
      toModelStatistics(plane, name === '' ? undefined : (name as string), version === '' ? undefined : (version as string)),
    ModelInfer: infer,
    RepositoryIndex: ({ ready }) => ({
      models: plane
        .index()
        .filter(({ state }) => ready !== true || state === 'READY')
        .map(({ model, version, state, reason }) => ({ name: model, version: String(version), state, reason })),
    }),
    RepositoryModelLoad: refuseRepository,
    RepositoryModelUnload: refuseRepository,
  };

  function toError(error: unknown): { readonly code: number; readonly details: string } {
    if (isFault(error)) return { code: toGrpcCode(error), details: error.message };
    const reference = ids.next();
    logger.error({ reference, err: error }, 'request failed');
    return { code: grpcCodes.internal, details: fault('internal', { reference }).message };
  }

  const handlers: Record<string, grpc.handleUnaryCall<Fields, object> | grpc.handleBidiStreamingCall<Fields, object>> = {};
  for (const [name, handle] of Object.entries(unary)) {
    handlers[name] = (call: Unary, callback: grpc.sendUnaryData<object>) => {
      // In a promise, so that what it throws at once is an answer too.
      Promise.resolve()
        .then(() => handle(call.request, call.metadata))
        .then(
          (answer) => callback(null, answer),
          (error: unknown) => callback(toError(error)),
        );
    };
  }
  /** One after another: answers come in the order of the questions, and the next is read when the last was answered. */
  handlers['ModelStreamInfer'] = async (call: Stream) => {
    try {
      for await (const message of call) {
        if (call.cancelled) return;
        const answer = await infer(message as Fields, call.metadata).then(
          (infer_response): object => ({ infer_response }),
          (error: unknown) => ({ error_message: toError(error).details }),
        );
        if (!call.write(answer)) await new Promise((resolve) => call.once('drain', resolve).once('close', resolve));
      }
      call.end();
    } catch (error) {
      if (!call.cancelled) call.destroy(Object.assign(new Error(toError(error).details), toError(error)));
    }
  };
  server.addService(inferenceService as unknown as grpc.ServiceDefinition, handlers as grpc.UntypedServiceImplementation);

  const health = (service: unknown): number => {
    if (service !== '' && service !== 'inference.GRPCInferenceService') return HEALTH.serviceUnknown;
    return plane.ready() ? HEALTH.serving : HEALTH.notServing;
  };
  server.addService(healthService as unknown as grpc.ServiceDefinition, {
    Check: (call: Unary, callback: grpc.sendUnaryData<object>) => {
      const status = health(call.request['service']);
      if (status === HEALTH.serviceUnknown) callback({ code: grpcCodes.notFound, details: 'There is no such service here.' });
      else callback(null, { status });
    },
    Watch: (call: grpc.ServerWritableStream<Fields, object>) => {
      let told = -1;
      const tell = (): void => {
        const status = health(call.request['service']);
        if (status !== told) call.write({ status });
        told = status;
      };
      tell();
      const timer = setInterval(tell, HEALTH_LOOK_MS);
      call.on('close', () => clearInterval(timer));
      call.on('cancelled', () => clearInterval(timer));
    },
  });

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
        server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
          if (error === null) resolve(bound);
          else {
            const inUse = error.message.includes('EADDRINUSE');
            const problem = inUse ? 'it is already in use; choose another port (0 picks a free one).' : 'it cannot be listened on.';
            reject(fault('invalid_input', { where: `gRPC address ${address}`, problem }, error));
          }
        });
      }),
    close: async (graceMs) => {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => server.tryShutdown(() => resolve())),
        new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs))),
      ]);
      clearTimeout(timer);
      server.forceShutdown();
    },
  };
}
