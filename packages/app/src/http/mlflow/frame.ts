import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Ids, Log } from '@pawl/core';
import { toActor } from '../actor.ts';
import { mlflowError } from './errors.ts';
import type { MlflowError } from './errors.ts';
import { isFault } from '@pawl/core';
import { toMlflowError } from './faults.ts';
import { createInput } from './input.ts';
import type { ForeignIds } from './foreign-id.ts';
import type { MlflowInput } from './input.ts';
import { parseBody } from './json.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type MlflowVersion = '2.0' | '3.0';

/** One operation of MLflow's REST API. */
export interface MlflowRoute {
  /** MLflow's own name for it, such as `createRun`. */
  readonly operation: string;
  readonly method: Method;
  readonly version: MlflowVersion;
  /** Under /api/<version>/mlflow and /ajax-api/<version>/mlflow, parameters as `:name`; they are read like fields. */
  readonly path: string;
  readonly handle: (input: MlflowInput) => Promise<MlflowAnswer>;
}

/** The answer as it goes out: snake_case, members that are undefined left out. Nothing is `{}`; a text, or parts of one that cut no member, is JSON already. */
export type MlflowAnswer = object | string | Readable | void;

export function defineMlflowRoute(route: MlflowRoute): MlflowRoute {
  return route;
}

export interface FramePorts {
  readonly log: Log;
  readonly ids: Ids;
}

const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** A dataset's profile may be 16 MB, and its quotes are escaped. */
const BODY_LIMIT = 48 * 1024 * 1024;

/** Mounts what speaks one version under both of its roots; `mountMore` adds the routes that are not JSON on both sides. */
export function mountVersion(
  server: FastifyInstance,
  version: MlflowVersion,
  routes: readonly MlflowRoute[],
  ports: FramePorts & { readonly foreignIds: ForeignIds },
  mountMore: (scope: FastifyInstance, root: 'api' | 'ajax-api') => void = () => {},
): void {
  for (const root of ['api', 'ajax-api'] as const) {
    void server.register(
      async (scope) => {
        answerMlflowErrors(scope, ports);
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
        mountMore(scope, root);
        mountRoutes(
          scope,
          routes.filter((route) => route.version === version),
          ports.foreignIds,
        );
      },
      { prefix: `/${root}/${version}` },
    );
  }
}

function mountRoutes(scope: FastifyInstance, routes: readonly MlflowRoute[], foreignIds: ForeignIds): void {
  for (const [path, own] of Map.groupBy(routes, (route) => route.path)) {
    const url = `/mlflow${path}`;
    for (const { method, handle } of own) {
      scope.route({
        method,
        url,
        bodyLimit: BODY_LIMIT,
        handler: async (request, reply) => {
          const input = createInput(await foreignIds.inward(toFields(request)), toActor(request, 'user:anonymous'));
          return reply.type('application/json').send(await write(await handle(input), foreignIds));
        },
      });
    }
    refuseOtherMethods(
      scope,
      url,
      own.map((route) => route.method),
    );
  }
}

async function write(answer: MlflowAnswer, { outward }: ForeignIds): Promise<string | Readable> {
  if (!(answer instanceof Readable)) return outward(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  return Readable.from(
    (async function* () {
      for await (const part of answer) yield await outward(part as string);
    })(),
  );
}

/** What a path takes with some methods is answered 405 with the others, not 404: the client would look for an older route. */
export function refuseOtherMethods(scope: FastifyInstance, url: string, taken: readonly Method[]): void {
  scope.route({
    method: methods.filter((method) => !taken.includes(method)),
    url,
    handler: async (request) => {
      throw mlflowError('BAD_REQUEST', `${pathOf(request)} takes ${taken.join(', ')}, not ${request.method}.`, 405);
    },
  });
}

/** Reads a request's fields: query string, JSON body and parameters of the path, of which the later ones win. */
export function toInput(request: FastifyRequest): MlflowInput {
  return createInput(toFields(request), toActor(request, 'user:anonymous'));
}

function toFields(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { method, query, body, params } = request;
  if (method === 'POST' || method === 'PUT') checkContentType(request.headers['content-type']);
  const fields = body instanceof Uint8Array ? parseBody(body) : {};
  return { ...(query as object), ...fields, ...(params as object) };
}

function checkContentType(header: string | undefined): void {
  if (header === undefined) throw mlflowError('INVALID_PARAMETER_VALUE', 'Bad Request. Content-Type header is missing.');
  if (header.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw mlflowError('INVALID_PARAMETER_VALUE', "Bad Request. Content-Type must be one of ['application/json'].");
  }
}

/** Every error is `{error_code, message}`. What is neither a fault nor a refusal is logged under a reference. */
export function answerMlflowErrors(scope: FastifyInstance, ports: FramePorts): void {
  scope.setErrorHandler((error: unknown, request, reply) => answerMlflowError(error, request, reply, ports));
  scope.setNotFoundHandler((request, reply) =>
    send(reply, mlflowError('ENDPOINT_NOT_FOUND', `There is no operation ${request.method} ${pathOf(request)} here.`)),
  );
}

export function answerMlflowError(error: unknown, request: FastifyRequest, reply: FastifyReply, ports: FramePorts): FastifyReply {
  const known = toMlflowError(error) ?? toRefusal(error, request);
  if (known !== null && known.status < 500) return send(reply, known);
  const reference = ports.ids.next();
  // A client that goes away in the middle of its body is no failure of ours, and hears no answer.
  const gone = request.raw.destroyed && !request.raw.complete;
  if (!gone) ports.log.error({ err: error, reference, url: request.url }, 'a request failed');
  const where = `its log has the details under ${reference}`;
  // Not among the statuses that clients retry for minutes: no disk empties itself.
  if (isFault(error, 'not_writable'))
    return send(
      reply,
      mlflowError('INTERNAL_ERROR', `The server cannot store this: ${String(error.details['reason'])}. Nothing was kept; ${where}.`, 507),
    );
  return send(reply, mlflowError(known?.code ?? 'INTERNAL_ERROR', `The server could not do this; ${where}.`));
}

/** Whether a request speaks this protocol, for what is refused before any route is found. */
export function isMlflowPath(url: string): boolean {
  return /^\/(?:api\/[0-9]+\.[0-9]+|ajax-api)\//.test(url);
}

/** What the server itself refuses before a route is asked: too large, cut short, not decodable. */
function toRefusal(error: unknown, request: FastifyRequest): MlflowError | null {
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return null;
  return mlflowError('INVALID_PARAMETER_VALUE', `${request.method} ${pathOf(request)}: ${String(message)}`);
}

function send(reply: FastifyReply, error: MlflowError): FastifyReply {
  return reply.status(error.status).send({ error_code: error.code, message: error.message });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
