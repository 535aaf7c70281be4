/** Statistics as the extension of that name has them (`triton-inference-server/server:docs/protocol/extension_statistics.md`), for both wires. */
import { fault } from '@pawl/core';
import type { DataPlane } from '../data-plane.ts';
import type { EndpointStatistics } from '../endpoint/endpoint.ts';
import type { Span } from '../endpoint/statistics.ts';

const NS_PER_MS = 1e6;
const NONE: Span = { count: 0, ms: 0 };

const toDuration = ({ count, ms }: Span): object => ({ count, ns: Math.round(ms * NS_PER_MS) });

function toStatistics(name: string, { version, lastAnswer, rows, success, failure, executions }: EndpointStatistics): object {
  return {
    name,
    version: String(version),
    last_inference: lastAnswer,
    inference_count: rows,
    execution_count: executions.count,
    inference_stats: {
      success: toDuration(success),
      fail: toDuration(failure),
      // What a request waits for others and the wire is in `success`, and is not measured apart.
      queue: toDuration(NONE),
      compute_input: toDuration(NONE),
      compute_infer: toDuration(executions),
      compute_output: toDuration(NONE),
      cache_hit: toDuration(NONE),
      cache_miss: toDuration(NONE),
    },
  };
}

/** The body of all models, of one, or of one version. Throws `endpoint_unknown`, `version_unknown`. */
export function toModelStatistics(
  plane: DataPlane,
  model: string | undefined,
  version: string | undefined,
): { readonly model_stats: readonly object[] } {
  if (model !== undefined && !plane.has(model)) throw fault('endpoint_unknown', { name: model });
  const chosen = plane.statistics().filter((one) => model === undefined || one.model === model);
  const served = plane.index().filter((one) => one.model === model);
  if (version !== undefined && !served.some((one) => String(one.version) === version))
    throw fault('version_unknown', { name: model ?? '', version });
  const model_stats = chosen.flatMap((one) =>
    one.versions
      .filter((counts) => version === undefined || String(counts.version) === version)
      .map((counts) => toStatistics(one.model, counts)),
  );
  return { model_stats };
}
