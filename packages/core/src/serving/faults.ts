import { operational, user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface ServingFaults {
  server_closing: Record<string, never>;
  endpoint_unknown: { name: string };
  version_unknown: { name: string; version: string };
  model_not_ready: { name: string; reason: string };
  schema_mismatch: { problem: string };
  request_invalid: { problem: string };
  tensor_invalid: { tensor: string; expected: string; found: string };
  tensor_missing: { tensor: string; endpoint: string };
  tensor_unknown: { tensor: string; endpoint: string };
  output_unknown: { output: string };
  model_file_invalid: { file: string; reason: string };
  extension_unsupported: { what: string };
  python_unavailable: { reason: string };
  encoding_unsupported: { encoding: string };
  model_not_binary: { reason: string };
  prediction_failed: { endpoint: string };
  features_unavailable: { view: string };
  deadline_exceeded: { endpoint: string; ms: number };
  overloaded: { endpoint: string };
  prediction_not_found: { id: string };
}

export const servingFaults: FaultDefinitions<ServingFaults> = {
  server_closing: operational(() => 'The server is closing.'),
  endpoint_unknown: user((d) => `There is no endpoint or model "${d.name}" here; GET /v2/models lists them.`),
  version_unknown: user((d) => `Endpoint "${d.name}" does not serve version ${d.version}.`),
  model_not_ready: operational((d) => `Endpoint "${d.name}" is not ready: ${d.reason}.`),
  schema_mismatch: user((d) => `Failed to enforce schema: ${d.problem}`),
  request_invalid: user((d) => d.problem),
  tensor_invalid: user((d) => `Input "${d.tensor}": expected ${d.expected}, got ${d.found}.`),
  tensor_missing: user((d) => `Input "${d.tensor}" is missing; endpoint "${d.endpoint}" needs it.`),
  tensor_unknown: user((d) => `Input "${d.tensor}" is not one of endpoint "${d.endpoint}"; GET /v2/models/${d.endpoint} lists them.`),
  output_unknown: user((d) => `Output "${d.output}" is unknown or asked for twice.`),
  model_file_invalid: user((d) => `${d.file} is not a model this server can run: ${d.reason}.`),
  extension_unsupported: user((d) => `${d.what} is not supported by this server.`),
  python_unavailable: operational((d) => `The model needs Python, and none could be made ready: ${d.reason}.`),
  encoding_unsupported: user((d) => `A body in ${d.encoding} is not understood; send it as it is, or in gzip or deflate.`),
  model_not_binary: user((d) => `The model does not decide between two classes here: ${d.reason}`),
  prediction_failed: operational((d) => `The model behind endpoint "${d.endpoint}" failed on this request.`),
  features_unavailable: operational((d) => `The features of view "${d.view}" could not be looked up; try again later.`),
  deadline_exceeded: operational((d) => `Endpoint "${d.endpoint}" did not answer within ${d.ms} ms.`),
  overloaded: operational((d) => `Endpoint "${d.endpoint}" has too many requests waiting; try again later.`),
  prediction_not_found: user((d) => `No prediction ${d.id} is recorded here.`),
};
