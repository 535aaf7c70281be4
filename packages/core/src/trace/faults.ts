import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface TraceFaults {
  trace_not_found: { id: string };
  trace_tag_not_found: { trace: string; key: string };
  trace_tag_kept: { key: string };
  assessment_not_found: { trace: string; id: string };
  assessment_kind_kept: { kind: string; given: string };
  spans_unreadable: { problem: string };
  spans_too_large: { what: string; limit: number };
}

/** Wording that MLflow's clients look for is kept. */
export const traceFaults: FaultDefinitions<TraceFaults> = {
  trace_not_found: user((d) => `Trace with ID '${d.id}' not found.`),
  trace_tag_not_found: user((d) => `No trace tag with key '${d.key}' for trace with ID '${d.trace}'`),
  trace_tag_kept: user((d) => `Tag '${d.key}' is immutable and cannot be changed on a trace.`),
  assessment_not_found: user((d) => `Assessment with ID '${d.id}' not found for trace '${d.trace}'`),
  assessment_kind_kept: user((d) => `Cannot update ${d.given} value on an assessment that is a ${d.kind}.`),
  spans_unreadable: user((d) => `The spans cannot be read: ${d.problem}`),
  spans_too_large: user((d) => `A request of spans may have at most ${d.limit} ${d.what}; send fewer at a time.`),
};
