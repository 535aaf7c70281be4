import {
  MOST_SPANS,
  MOST_SPANS_OF_TRACE,
  fault,
  hasUsage,
  metadataOfSpans,
  refuseSpan,
  tagsOfResource,
  tagsOfRoot,
  tellBySpans,
  usageOfSpans,
  withConventions,
} from '@pawl/core';
import type { Span, SpanMap, TraceHead, TraceReader, TraceRecord } from '@pawl/core';

/** Spans of one resource: the program, host or container that made them. */
export interface SpanBatch {
  readonly resource: SpanMap;
  readonly spans: readonly Span[];
}

/** What was not taken of a batch, and why the first was not. */
export interface Refusal {
  readonly count: number;
  readonly problem: string;
}

interface Arrival {
  readonly resource: SpanMap;
  readonly spans: Span[];
}

/** Spans by their trace, without those that are beyond a limit. Throws `spans_too_large`. */
export function sortSpans(batches: readonly SpanBatch[]): { readonly arrivals: ReadonlyMap<string, Arrival>; readonly refusals: string[] } {
  const total = batches.reduce((sum, { spans }) => sum + spans.length, 0);
  if (total > MOST_SPANS) throw fault('spans_too_large', { what: 'spans', limit: MOST_SPANS });
  const arrivals = new Map<string, Arrival>();
  const refusals: string[] = [];
  for (const { resource, spans } of batches) {
    for (const span of spans) {
      const problem = refuseSpan(span);
      if (problem !== undefined) {
        refusals.push(`span "${span.name.slice(0, 100)}" of ${span.trace} was not taken: ${problem}`);
        continue;
      }
      const arrival = arrivals.get(span.trace) ?? { resource, spans: [] };
      arrival.spans.push(withConventions(span));
      arrivals.set(span.trace, arrival);
    }
  }
  return { arrivals, refusals };
}

/** One record a trace. A trace that grew beyond what can be read whole takes no more: its spans are told as refused. */
export async function toRecords(
  traces: TraceReader,
  experiment: number,
  arrivals: ReadonlyMap<string, Arrival>,
  runs: readonly string[],
): Promise<{ readonly records: readonly TraceRecord[]; readonly refusals: readonly string[] }> {
  const known = new Map((await traces.heads([...arrivals.keys()])).map((head) => [head.id, head]));
  const whole = await wholeTraces(traces, known, arrivals);
  const refusals: string[] = [];
  const records: TraceRecord[] = [];
  for (const [id, { resource, spans }] of arrivals) {
    const before = known.get(id);
    if ((before?.spans ?? 0) + spans.length > MOST_SPANS_OF_TRACE) {
      for (const span of spans) refusals.push(`span "${span.name.slice(0, 100)}" was not taken: ${id} has ${MOST_SPANS_OF_TRACE} spans`);
      continue;
    }
    const { given, name } = tagsOfRoot(spans);
    const usage = usageOfSpans(whole.get(id) ?? spans);
    const told = before?.told === true;
    records.push({
      head: tellBySpans(before, id, experiment, spans),
      spans,
      tags: { ...tagsOfResource(resource), ...given },
      tagsUnlessSet: name,
      metadata: told ? {} : usage,
      metadataUnlessSet: { ...metadataOfSpans(spans), ...(told ? usage : {}) },
      runs,
    });
  }
  return { records, refusals };
}

/** All spans of the traces whose tokens or money are to be counted again: those that come in pieces and have any. */
async function wholeTraces(
  traces: TraceReader,
  known: ReadonlyMap<string, TraceHead>,
  arrivals: ReadonlyMap<string, Arrival>,
): Promise<ReadonlyMap<string, readonly Span[]>> {
  const grown = [...arrivals].filter(([id, { spans }]) => (known.get(id)?.spans ?? 0) > 0 && hasUsage(spans)).map(([id]) => id);
  if (grown.length === 0) return new Map();
  const kept = await traces.spans(grown);
  return new Map(
    grown.map((id) => {
      const both = [...(kept.get(id) ?? []), ...(arrivals.get(id)?.spans ?? [])];
      return [id, [...new Map(both.map((span) => [span.id, span])).values()]];
    }),
  );
}
