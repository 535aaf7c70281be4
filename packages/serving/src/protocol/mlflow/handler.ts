import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '@pawl/core';
import { fault, isFault } from '@pawl/core';
import type { Frame } from '../../frame/frame.ts';
import type { InferCall } from '../../endpoint/endpoint.ts';
import type { InferencePorts } from '../http.ts';
import type { Reply } from '../reply.ts';
import type { ScoringCall } from './route.ts';
import { RETRY_SECONDS, send } from '../reply.ts';
import { SERVER_VERSION } from '../server-info.ts';
import { enforceParams } from '../../frame/params.ts';
import { fromCsv } from '../../frame/csv.ts';
import { parseRequest } from '../request-text.ts';
import { readBody } from '../body.ts';
import { toBatch } from '../../frame/to-batch.ts';
import { toColumns, toExplanations, toInstances, toPredictions } from './predictions.ts';
import { toFrame } from '../../frame/frame.ts';
import { toScoringCall } from './route.ts';
import { toStatus } from '../status.ts';

const TYPES = ['text/csv', 'application/json'];

/** A body of a scoring request, read as far as it can be without a model. */
interface Sent {
  readonly frame: Frame;
  readonly params: unknown;
  readonly isText: boolean;
}

type Versioned = Extract<ScoringCall, { version: string | undefined }>;

class UnsupportedType extends Error {}

/** Media type of a request; the only parameter is `charset=utf-8`. Throws `UnsupportedType`. */
function toMediaType(header: string | undefined): string {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const media = type.toLowerCase();
  if (!TYPES.includes(media))
    throw new UnsupportedType(
      `This predictor only supports the following content types: Types: ['text/csv', 'application/json']. Got '${header ?? 'None'}'.`,
    );
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.toLowerCase() !== 'charset') throw new UnsupportedType(`Unrecognized content type parameters: ${name}.`);
    if (value.replaceAll('"', '').toLowerCase() !== 'utf-8') throw new UnsupportedType('The scoring server only supports UTF-8');
  }
  return media;
}

function isWide(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(isWide);
}

function parseBody(body: Uint8Array): unknown {
  const text = parseRequest(body);
  return isWide(text.value) ? text.exact() : text.value;
}

/** MLflow's error codes, and that of a model whose own code failed. */
function toErrorCode(error: Fault): string {
  if (error.code === 'schema_mismatch' || error.code === 'column_missing' || error.code === 'tensor_invalid')
    return 'INVALID_PARAMETER_VALUE';
  if (error.code === 'prediction_failed') return 'INTERNAL_ERROR';
  if (error.code === 'endpoint_unknown' || error.code === 'version_unknown') return 'RESOURCE_DOES_NOT_EXIST';
  if (toStatus(error) === 503) return 'TEMPORARILY_UNAVAILABLE';
  return toStatus(error) < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR';
}

/** Answers the scoring protocols of `route.ts`. Never rejects. */
export function createScoringHandler(ports: InferencePorts): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { plane, ids, logger } = ports;

  /** The model that a path without a name means: the only one. */
  function theModel(named: string | undefined): string {
    if (named !== undefined) {
      if (!plane.has(named)) throw fault('endpoint_unknown', { name: named });
      return named;
    }
    const names = plane.names();
    const [only] = names;
    if (only === undefined || names.length > 1)
      throw fault('request_invalid', {
        problem: `${names.length} models are served here; send the request to /endpoints/NAME/invocations${names.length === 0 ? '' : `, such as /endpoints/${names[0] as string}/invocations`}.`,
      });
    return only;
  }

  function toCall(request: IncomingMessage, version: string | undefined, sent: Sent, outputs: InferCall['outputs'], id: string): InferCall {
    const key = request.headers['x-pawl-key'];
    return {
      predictionId: id,
      requestId: null,
      stickyKey: typeof key === 'string' ? key : undefined,
      eventTime: undefined,
      version,
      outputs,
      read: (served) => {
        const batch = toBatch(sent.frame, served, { maxRows: plane.limits.maxRequestRows, isText: sent.isText });
        const params = enforceParams(sent.params, served.schema?.params ?? []);
        return params === undefined ? batch : { ...batch, params };
      },
    };
  }

  async function invoke(request: IncomingMessage, named: string | undefined, id: string): Promise<string> {
    const model = theModel(named);
    const media = toMediaType(request.headers['content-type']);
    const body = await readBody(request, plane.limits.maxBodyBytes);
    const sent: Sent =
      media === 'text/csv'
        ? { frame: fromCsv(toText(body)), params: undefined, isText: true }
        : { ...toFrame(parseBody(body)), isText: false };
    const answer = await plane.infer(model, toCall(request, undefined, sent, 'predicted', id));
    return JSON.stringify({ predictions: toPredictions(answer, sent.frame.kind === 'table') });
  }

  /** A body of `instances` or `inputs`, of a model that is here. */
  async function readInstances(request: IncomingMessage, model: string): Promise<Sent & { readonly byRow: boolean }> {
    theModel(model);
    const root = parseBody(await readBody(request, plane.limits.maxBodyBytes)) as Readonly<Record<string, unknown>> | null;
    const name = root?.['signature_name'];
    if (name !== undefined && name !== 'serving_default')
      throw fault('request_invalid', { problem: '"signature_name" can only be "serving_default": a model has one signature.' });
    const { signature_name: _, parameters, ...rest } = root ?? {};
    if (rest['instances'] === undefined && rest['inputs'] === undefined)
      throw fault('request_invalid', { problem: 'The request body must be a JSON object with "instances" or "inputs".' });
    return { frame: toFrame(rest).frame, params: parameters, isText: false, byRow: rest['instances'] !== undefined };
  }

  async function predict(request: IncomingMessage, { model, version }: Versioned, id: string): Promise<string> {
    const sent = await readInstances(request, model);
    const { outputs } = await plane.infer(model, toCall(request, version, sent, [], id));
    return JSON.stringify(sent.byRow ? { predictions: toInstances(outputs) } : { outputs: toColumns(outputs) });
  }

  async function explain(request: IncomingMessage, { model, version }: Versioned, id: string): Promise<string> {
    const sent = await readInstances(request, model);
    return JSON.stringify({ explanations: toExplanations(await plane.explain(model, toCall(request, version, sent, [], id))) });
  }

  function status({ model, version }: Versioned): string {
    theModel(model);
    const all = plane.index().filter((one) => one.model === model && (version === undefined || String(one.version) === version));
    if (all.length === 0 && version !== undefined) throw fault('version_unknown', { name: model, version });
    const states = all.map(({ version: number, state, reason }) => ({
      version: String(number),
      state: state === 'READY' ? 'AVAILABLE' : state === 'LOADING' ? 'LOADING' : 'END',
      status: { error_code: state === 'UNAVAILABLE' ? 'UNAVAILABLE' : 'OK', error_message: reason },
    }));
    return JSON.stringify({ name: model, ready: all.some(({ state }) => state === 'READY'), model_version_status: states });
  }

  function ping(named: string | undefined): Reply {
    const ready = named === undefined ? plane.ready() : plane.index().some(({ model, state }) => model === named && state === 'READY');
    return ready
      ? { status: 200, body: '\n' }
      : { status: named !== undefined && !plane.has(named) ? 404 : 503, body: '\n', headers: { 'retry-after': RETRY_SECONDS } };
  }

  function fromError(error: unknown, request: IncomingMessage, isV1: boolean, headers: Readonly<Record<string, string>>): Reply {
    if (error instanceof UnsupportedType)
      return { status: 415, body: error.message, headers: { 'content-type': 'text/plain; charset=utf-8' } };
    if (error instanceof URIError)
      return fromError(fault('request_invalid', { problem: 'The path has broken percent-encoding.' }), request, isV1, headers);
    if (!isFault(error)) {
      const reference = headers['x-pawl-prediction-id'] ?? ids.next();
      if (!request.destroyed) logger.error({ reference, err: error }, 'request failed');
      return fromError(fault('internal', { reference }), request, isV1, headers);
    }
    const code = toStatus(error);
    const body = isV1 ? { error: error.message } : { error_code: toErrorCode(error), message: error.message };
    // The rest of a body that is too large is not read, so the connection cannot be used again.
    const more = { ...(code === 503 && { 'retry-after': RETRY_SECONDS }), ...(code === 413 && { connection: 'close' }) };
    return { status: code, body: JSON.stringify(body), headers: { ...headers, ...more } };
  }

  async function answer(request: IncomingMessage, call: ScoringCall, headers: Readonly<Record<string, string>>): Promise<Reply> {
    const id = headers['x-pawl-prediction-id'] as string;
    switch (call.call) {
      case 'invoke':
        return { status: 200, body: await invoke(request, call.model, id), headers };
      case 'predict':
        return { status: 200, body: await predict(request, call, id), headers };
      case 'explain':
        return { status: 200, body: await explain(request, call, id) };
      case 'ping':
        return ping(call.model);
      case 'version':
        return { status: 200, body: SERVER_VERSION };
      case 'models':
        return { status: 200, body: JSON.stringify({ models: plane.names() }) };
      case 'status':
        return { status: 200, body: status(call) };
    }
  }

  return async (request, response) => {
    const url = request.url ?? '';
    const isV1 = url.startsWith('/v1/');
    const headers = { 'x-pawl-prediction-id': ids.next() };
    try {
      const call = toScoringCall(url);
      if (call === undefined) throw fault('not_found', { what: 'this path' });
      const verbs = call.call === 'invoke' || call.call === 'predict' || call.call === 'explain' ? ['POST'] : ['GET', 'HEAD'];
      if (!verbs.includes(request.method ?? '')) {
        const { body } = fromError(fault('request_invalid', { problem: `This path takes ${verbs.join(' or ')}.` }), request, isV1, {});
        send(response, { status: 405, body, headers: { allow: verbs.join(', ') } });
        return;
      }
      send(response, await answer(request, call, headers));
    } catch (error) {
      send(response, fromError(error, request, isV1, headers));
    }
  };
}

function toText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw fault('request_invalid', { problem: 'The request body is not UTF-8.' }, error);
  }
}
