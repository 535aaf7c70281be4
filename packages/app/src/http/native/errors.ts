import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { fault, isFault } from '@pawl/core';
import type { Fault, Ids, Log } from '@pawl/core';

export interface ErrorPorts {
  readonly log: Log;
  readonly ids: Ids;
}

/** Statuses of the native API that do not follow from the fault's kind or name. */
const STATUS: Readonly<Record<string, number>> = {
  too_large: 413,
  model_not_gated: 409,
  model_exists: 409,
  model_governed: 409,
  model_production_full: 409,
  model_force_denied: 403,
  stage_request_denied: 403,
  stage_request_ended: 409,
  rollout_needs_approval: 409,
  model_version_in_use: 409,
  rollout_needs_gate: 409,
  dataset_rejected: 409,
  rollout_ended: 409,
  run_ended: 409,
  run_id_taken: 409,
  run_not_retryable: 409,
  gate_undecided: 409,
  gc_running: 409,
  trigger_not_webhook: 409,
  trigger_without_secret: 401,
  signature_refused: 401,
  backfill_over: 409,
  write_conflict: 409,
  not_writable: 507,
  prediction_failed: 500,
};

/** Names in a path may be 128 characters, metric keys 250, each character up to nine once encoded. */
const MAX_PARAM_LENGTH = 2304;

/** What the Fastify server must be made with so that requests it refuses before any route are answered as the rest. */
export function nativeServerOptions(ports: ErrorPorts): Pick<FastifyServerOptions, 'routerOptions' | 'frameworkErrors'> {
  return {
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => void answer(error, request, reply, ports),
  };
}

/** Every error of the native API is `{error: {code, message, details}}`. What is not a fault is logged under a reference and told as `internal`. */
export function answerErrors(server: FastifyInstance, ports: ErrorPorts): void {
  server.setErrorHandler((error: unknown, request, reply) => answer(error, request, reply, ports));
  server.setNotFoundHandler((request, reply) => {
    const problem = fault('not_found', { what: `${request.method} ${pathOf(request)}` });
    return reply
      .status(404)
      .send({ error: { code: problem.code, message: `${problem.message} GET /api/openapi.json lists the operations.`, details: {} } });
  });
}

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply, ports: ErrorPorts): FastifyReply {
  const problem = toPublic(toFault(error, ports, request));
  const status = toStatus(problem);
  // A client that goes away in the middle of its body is no failure of ours, and hears no answer.
  const gone = request.raw.destroyed && !request.raw.complete;
  if (status >= 500 && !gone) ports.log.error({ err: error, code: problem.code, url: request.url }, 'a request failed');
  const details = problem.kind === 'bug' ? {} : problem.details;
  return reply.status(status).send({ error: { code: problem.code, message: problem.message, details } });
}

function toStatus(problem: Fault): number {
  const exact = STATUS[problem.code];
  if (exact !== undefined) return exact;
  if (problem.code.endsWith('not_found')) return 404;
  if (problem.kind === 'user') return 400;
  return problem.kind === 'operational' ? 503 : 500;
}

function toFault(error: unknown, ports: ErrorPorts, request: FastifyRequest): Fault {
  if (isFault(error)) return error;
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return fault('too_large', { what: 'the request body', limit: request.routeOptions.bodyLimit ?? 0 });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const problem = typeof message === 'string' ? message.replace(/[.]?$/, '.') : 'the request cannot be read.';
    return fault('invalid_input', { where: `${request.method} ${pathOf(request)}`, problem });
  }
  return fault('internal', { reference: ports.ids.next() }, error);
}

/** The server's own folders are for its log: a client is told what failed and why, not where on that machine. */
function toPublic(problem: Fault): Fault {
  const { path, reason } = problem.details;
  const why = typeof reason === 'string' ? reason : 'see the log of the server';
  if (problem.code === 'not_writable') return fault('not_writable', { path: "the server's storage", reason: why }, problem);
  if (problem.code === 'file_unreadable' && typeof path === 'string' && /^(\/|[A-Za-z]:)/.test(path)) {
    return fault('file_unreadable', { path: "a file in the server's storage", reason: why }, problem);
  }
  if (problem.code === 'database_unreachable') return fault('database_unreachable', { reason: 'see the log of the server' }, problem);
  return problem;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
