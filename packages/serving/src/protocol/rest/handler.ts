import type { IncomingMessage, ServerResponse } from 'node:http';
import { fault, isFault } from '@pawl/core';
import type { InferencePorts } from '../http.ts';
import type { Reply } from '../reply.ts';
import type { RestCall } from './route.ts';
import { RETRY_SECONDS, compress, send } from '../reply.ts';
import { SERVER_NAME, SERVER_VERSION } from '../server-info.ts';
import { toModelStatistics } from '../statistics.ts';
import { LENGTH_HEADER } from './binary.ts';
import { parseRequest } from '../request-text.ts';
import { readBody } from '../body.ts';
import { toRestCall } from './route.ts';
import { toBatch } from '../tensors/batch.ts';
import { toInferRequest } from './request.ts';
import { toConfigBody, toInferReply, toModelBody } from './response.ts';
import { toStatus } from '../status.ts';

const EXTENSIONS = ['binary_tensor_data', 'classification', 'model_configuration', 'model_repository', 'parameters', 'statistics'];
const SERVER = JSON.stringify({ name: SERVER_NAME, version: SERVER_VERSION, extensions: EXTENSIONS });

const POSTED: readonly RestCall['call'][] = ['infer', 'index', 'load'];

const ok = (body: string, headers?: Readonly<Record<string, string>>): Reply => ({ status: 200, body, ...(headers && { headers }) });

function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: JSON.stringify({ error }), headers: { ...headers, ...(status === 503 && { 'retry-after': RETRY_SECONDS }) } };
}

/** Answers the Open Inference Protocol over a `node:http` request whose path is /v2 or under it. Never rejects. */
export function createRestHandler(ports: InferencePorts): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { plane, ids, logger } = ports;
  const { limits } = plane;

  async function infer(
    request: IncomingMessage,
    call: Extract<RestCall, { model: string }>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    // Unknown names are told before the body is looked at.
    if (!plane.has(call.model)) throw fault('endpoint_unknown', { name: call.model });
    const length = request.headers[LENGTH_HEADER];
    const parsed = toInferRequest(await readBody(request, limits.maxBodyBytes), length === undefined ? undefined : String(length));
    const predictionId = headers['x-pawl-prediction-id'] ?? '';
    const header = request.headers['x-pawl-key'];
    const answer = await plane.infer(call.model, {
      predictionId,
      requestId: parsed.id ?? null,
      stickyKey: (typeof header === 'string' ? header : undefined) ?? parsed.stickyKey,
      eventTime: parsed.eventTime,
      ...(parsed.timeoutMs !== undefined && { timeoutMs: parsed.timeoutMs }),
      version: call.version,
      outputs: parsed.outputs.map(({ name }) => name),
      read: (model) => toBatch(parsed, model, call.model, limits.maxRequestRows),
    });
    const reply = toInferReply(call.model, parsed, predictionId, answer);
    return compress({ ...reply, headers: { ...headers, ...reply.headers } }, request.headers['accept-encoding']);
  }

  function modelReady(name: string, version: string | undefined): Reply {
    // Describing throws when it is not ready, or when there is no such version.
    plane.describe(name, version);
    return ok(JSON.stringify({ name, ready: true }));
  }

  async function index(request: IncomingMessage): Promise<Reply> {
    const body = await readBody(request, limits.maxBodyBytes);
    const wanted = body.length === 0 ? {} : parseRequest(body).value;
    if (typeof wanted !== 'object' || wanted === null)
      throw fault('request_invalid', { problem: 'The request body must be a JSON object or empty.' });
    const onlyReady = (wanted as { readonly ready?: unknown }).ready === true;
    const entries = plane.index().filter(({ state }) => !onlyReady || state === 'READY');
    return ok(
      JSON.stringify(entries.map(({ model, version, state, reason }) => ({ name: model, version: String(version), state, reason }))),
    );
  }

  function read(call: RestCall): Reply {
    switch (call.call) {
      case 'live':
        return ok('{"live":true}');
      case 'ready':
        if (!plane.open()) return refusal(503, 'The server is closing.');
        return plane.ready() ? ok('{"ready":true,"live":true}') : refusal(503, 'Some model is not ready yet.');
      case 'server':
        return ok(SERVER);
      case 'models':
        return ok(JSON.stringify({ models: plane.names() }));
      case 'model':
        return ok(toModelBody(plane.describe(call.model, call.version)));
      case 'model-ready':
        return modelReady(call.model, call.version);
      case 'config':
        return ok(toConfigBody(plane.describe(call.model, call.version), limits.maxRequestRows));
      case 'stats':
        return ok(JSON.stringify(toModelStatistics(plane, undefined, undefined)));
      case 'model-stats':
        return ok(JSON.stringify(toModelStatistics(plane, call.model, call.version)));
      case 'load':
        throw fault('extension_unsupported', { what: 'Loading and unloading by hand (models come and go with rollouts)' });
      case 'index':
      case 'infer':
        throw new TypeError(`${call.call} is not a reading call`);
    }
  }

  function fromError(error: unknown, request: IncomingMessage, headers: Readonly<Record<string, string>>): Reply {
    if (error instanceof URIError) return refusal(400, 'The path has broken percent-encoding.');
    if (isFault(error)) {
      const status = toStatus(error);
      // The rest of a body that is too large is not read, so the connection cannot be used again.
      return refusal(status, error.message, { ...headers, ...(status === 413 && { connection: 'close' }) });
    }
    const reference = headers['x-pawl-prediction-id'] ?? ids.next();
    if (!request.destroyed) logger.error({ reference, err: error }, 'request failed');
    return refusal(500, fault('internal', { reference }).message, headers);
  }

  async function reply(request: IncomingMessage): Promise<Reply> {
    let headers: Readonly<Record<string, string>> = {};
    try {
      const call = toRestCall(request.url ?? '');
      if (call === undefined) return refusal(404, 'There is nothing at this path; GET /v2/models lists the endpoints.');
      const allowed = POSTED.includes(call.call) ? ['POST'] : ['GET', 'HEAD'];
      if (!allowed.includes(request.method ?? ''))
        return refusal(405, `This path takes ${allowed.join(' or ')}.`, { allow: allowed.join(', ') });
      if (call.call === 'index') return await index(request);
      if (call.call !== 'infer') return read(call);
      if (!plane.open()) return refusal(503, 'The server is closing.', { connection: 'close' });
      headers = { 'x-pawl-prediction-id': ids.next() };
      return await infer(request, call, headers);
    } catch (error) {
      return fromError(error, request, headers);
    }
  }

  return async (request, response) => {
    send(response, await reply(request));
  };
}
