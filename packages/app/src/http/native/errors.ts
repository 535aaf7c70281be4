import type { FastifyInstance } from 'fastify';
import { fault, isFault } from '@pawl/core';
import type { Fault, Ids, Log } from '@pawl/core';

/** Statuses of the native API that do not follow from the fault's kind or name. */
const STATUS: Readonly<Record<string, number>> = {
  too_large: 413,
  model_not_gated: 409,
  rollout_needs_gate: 409,
  dataset_rejected: 409,
  rollout_ended: 409,
  run_ended: 409,
  run_not_retryable: 409,
  gate_undecided: 409,
  write_conflict: 409,
  not_writable: 507,
  prediction_failed: 500,
};

function toStatus(problem: Fault): number {
  const exact = STATUS[problem.code];
  if (exact !== undefined) return exact;
  if (problem.code.endsWith('not_found')) return 404;
  if (problem.kind === 'user') return 400;
  return problem.kind === 'operational' ? 503 : 500;
}

/** Every error of the native API is `{error: {code, message, details}}`. What is not a fault is logged under a reference and told as `internal`. */
export function answerErrors(server: FastifyInstance, ports: { readonly log: Log; readonly ids: Ids }): void {
  server.setErrorHandler((error: unknown, request, reply) => {
    const problem = toFault(error, ports, request.method, request.url);
    const status = toStatus(problem);
    if (status >= 500) ports.log.error({ err: error, code: problem.code, url: request.url }, 'a request failed');
    const details = problem.kind === 'bug' ? {} : problem.details;
    return reply.status(status).send({ error: { code: problem.code, message: problem.message, details } });
  });
  server.setNotFoundHandler((request, reply) => {
    const problem = fault('not_found', { what: `${request.method} ${request.url.split('?')[0] ?? ''}` });
    return reply.status(404).send({ error: { code: problem.code, message: `${problem.message} GET /api/openapi.json lists the operations.`, details: {} } });
  });
}

function toFault(error: unknown, ports: { readonly ids: Ids }, method: string, url: string): Fault {
  if (isFault(error)) return error;
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return fault('too_large', { what: 'the request body', limit: 8 * 1024 * 1024 });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return fault('invalid_input', { where: `${method} ${url.split('?')[0] ?? ''}`, problem: typeof message === 'string' ? `${message}.` : 'the request cannot be read.' });
  }
  return fault('internal', { reference: ports.ids.next() }, error);
}
