import type { Fault, FaultCode } from '@pawl/core';

const statuses: Readonly<Partial<Record<FaultCode, number>>> = {
  endpoint_unknown: 404,
  not_found: 404,
  version_unknown: 404,
  server_closing: 503,
  model_not_ready: 503,
  features_unavailable: 503,
  overloaded: 503,
  deadline_exceeded: 504,
  python_unavailable: 503,
  too_large: 413,
  encoding_unsupported: 415,
  extension_unsupported: 501,
  prediction_failed: 500,
};

/** HTTP status of a fault in this protocol: what is not named is the caller's (400), or ours (500). */
export function toStatus(fault: Fault): number {
  return statuses[fault.code] ?? (fault.kind === 'user' ? 400 : 500);
}
