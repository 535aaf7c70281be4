import type { IncomingMessage, ServerResponse } from 'node:http';
import { fault, isFault } from '@pawl/core';
import type { InferencePorts } from '../http.ts';
import type { Reply } from '../reply.ts';
import type { RestCall } from './route.ts';
import { RETRY_SECONDS, send } from '../reply.ts';
import { readBody } from './body.ts';
import { toRestCall } from './route.ts';
import { toBatch, toInferRequest } from './request.ts';
import { toInferBody, toModelBody } from './response.ts';
import { toStatus } from './status.ts';

const SERVER = JSON.stringify({ name: 'pawl', version: '0.1.0', extensions: [] });

const ok = (body: string, headers?: Readonly<Record<string, string>>): Reply => ({ status: 200, body, ...(headers && { headers }) });

function refusal(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: JSON.stringify({ error }), headers: { ...headers, ...(status === 503 && { 'retry-after': RETRY_SECONDS }) } };
}

/** What a request's headers ask for that is not answered here. */
function refusedHeaders(request: IncomingMessage): Reply | undefined {
  const { headers } = request;
  if (headers['inference-header-content-length'] !== undefined) {
    return refusal(
      400,
      'Binary tensor data (header Inference-Header-Content-Length) is not supported by this server; send the tensors as JSON.',
    );
  }
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && type !== 'application/json') return refusal(415, 'The request body must be application/json.');
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== 'identity') return refusal(415, 'The request body must not be compressed.');
  return undefined;
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
    const refused = refusedHeaders(request);
    if (refused !== undefined) return refused;
    const parsed = toInferRequest(await readBody(request, limits.maxBodyBytes));
    const predictionId = headers['x-pawl-prediction-id'] ?? '';
    const header = request.headers['x-pawl-key'];
    const answer = await plane.infer(call.model, {
      predictionId,
      requestId: parsed.id ?? null,
      stickyKey: (typeof header === 'string' ? header : undefined) ?? parsed.stickyKey,
      eventTime: parsed.eventTime,
      version: call.version,
      outputs: parsed.outputs,
      read: (model) => toBatch(parsed, model, call.model, limits.maxRequestRows),
    });
    return ok(toInferBody(call.model, parsed.id, predictionId, answer), headers);
  }

  function modelReady(name: string, version: string | undefined): Reply {
    // Describing throws when it is not ready, or when there is no such version.
    plane.describe(name, version);
    return ok(JSON.stringify({ name, ready: true }));
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
      case 'infer':
        throw new TypeError('infer is not a reading call');
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
      const allowed = call.call === 'infer' ? ['POST'] : ['GET', 'HEAD'];
      if (!allowed.includes(request.method ?? ''))
        return refusal(405, `This path takes ${allowed.join(' or ')}.`, { allow: allowed.join(', ') });
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
