import type { Fault, FaultCode } from '@pawl/core';

/** Codes of gRPC (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcCodes = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

const codes: Readonly<Partial<Record<FaultCode, number>>> = {
  endpoint_unknown: grpcCodes.notFound,
  version_unknown: grpcCodes.notFound,
  server_closing: grpcCodes.unavailable,
  model_not_ready: grpcCodes.unavailable,
  features_unavailable: grpcCodes.unavailable,
  overloaded: grpcCodes.unavailable,
  too_large: grpcCodes.resourceExhausted,
  extension_unsupported: grpcCodes.unimplemented,
  prediction_failed: grpcCodes.internal,
};

/** gRPC's code of a fault: what is not named is the caller's, or ours. */
export function toGrpcCode(fault: Fault): number {
  return codes[fault.code] ?? (fault.kind === 'user' ? grpcCodes.invalidArgument : grpcCodes.internal);
}
