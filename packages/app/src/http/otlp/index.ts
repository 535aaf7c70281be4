import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isFault } from '@pawl/core';
import type { Ids, Log } from '@pawl/core';
import type { TraceService } from '@pawl/engine';
import { MOST_BYTES, unpack } from './body.ts';
import { toAnswer } from './errors.ts';
import { readJson } from './json.ts';
import { readProtobuf, writeResponse, writeStatus } from './protobuf.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
/** MLflow's own names (mlflow/tracing/utils/otlp.py). */
const EXPERIMENT = 'x-mlflow-experiment-id';
const RUN = 'x-mlflow-run-id';

export interface OtlpPorts {
  readonly log: Log;
  readonly ids: Ids;
}

/**
 * Takes spans from any exporter of OpenTelemetry (https://opentelemetry.io/docs/specs/otlp/#otlphttp): POST /v1/traces, protobuf or JSON. What cannot be kept is told as a
 * partial success; the answer comes when the rest is durable. Sending it again changes nothing.
 */
export function mountOtlp(server: FastifyInstance, { traces }: { readonly traces: TraceService }, ports: OtlpPorts): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error: unknown, request, reply) => refuse(error, request, reply, ports));
    scope.post('/v1/traces', { bodyLimit: MOST_BYTES }, async (request, reply) => {
      const isJson = typeOf(request) === JSON_TYPE;
      if (!isJson && typeOf(request) !== PROTOBUF) return fail(request, reply, 415, `Content-Type must be ${PROTOBUF} or ${JSON_TYPE}.`);
      const experiment = header(request, EXPERIMENT);
      if (experiment === undefined || !/^[0-9]{1,15}$/.test(experiment)) {
        return fail(request, reply, 422, `The header ${EXPERIMENT} must have the number of an experiment.`);
      }
      const bytes = await unpack((request.body as Uint8Array | undefined) ?? new Uint8Array(), header(request, 'content-encoding'));
      const { batches, refusals } = isJson ? readJson(bytes) : await readProtobuf(bytes);
      const run = header(request, RUN);
      const later = await traces.ingest({ experiment: Number(experiment), batches, ...(run === undefined ? {} : { run }) });
      const count = refusals.length + (later?.count ?? 0);
      const problem = refusals[0] ?? later?.problem ?? '';
      if (isJson) return reply.type(JSON_TYPE).send(count === 0 ? '{}' : JSON.stringify(partial(count, problem)));
      return reply.type(PROTOBUF).send(Buffer.from(await writeResponse(count === 0 ? undefined : { count, problem })));
    });
  });
}

function partial(count: number, problem: string): object {
  return { partialSuccess: { rejectedSpans: String(count), errorMessage: problem } };
}

async function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, ports: OtlpPorts): Promise<FastifyReply> {
  const known = toAnswer(error);
  if (known !== undefined && !(isFault(error) && error.kind !== 'user')) return fail(request, reply, known.status, known.message);
  const reference = ports.ids.next();
  const gone = request.raw.destroyed && !request.raw.complete;
  if (!gone) ports.log.error({ err: error, reference, url: request.url }, 'spans were not kept');
  const message = `The server could not do this; its log has the details under ${reference}.`;
  return fail(request, reply, known?.status ?? 500, message);
}

/** google.rpc.Status, written as the request was. MLflow's clients read its JSON by their own names. */
async function fail(request: FastifyRequest, reply: FastifyReply, status: number, message: string): Promise<FastifyReply> {
  const code = grpcCodes[status] ?? 3;
  if (status === 503) void reply.header('retry-after', '1');
  void reply.status(status);
  if (typeOf(request) === PROTOBUF) return reply.type(PROTOBUF).send(Buffer.from(await writeStatus(code, message)));
  return reply.type(JSON_TYPE).send(JSON.stringify({ code, message }));
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto, which tells the HTTP status of each. */
const grpcCodes: Readonly<Record<number, number>> = { 400: 3, 404: 5, 403: 7, 413: 8, 429: 8, 500: 13, 503: 14 };

function typeOf(request: FastifyRequest): string {
  return (header(request, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}
