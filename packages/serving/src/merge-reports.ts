import type { ModelStatistics, PlaneReport } from './data-plane.ts';
import type { EndpointStatistics, VersionState } from './endpoint/endpoint.ts';
import type { Span } from './endpoint/statistics.ts';

const addSpans = (a: Span, b: Span): Span => ({ count: a.count + b.count, ms: a.ms + b.ms });

function addVersions(a: EndpointStatistics, b: EndpointStatistics): EndpointStatistics {
  const codes = new Map(a.codes);
  for (const [code, count] of b.codes) codes.set(code, (codes.get(code) ?? 0) + count);
  return {
    version: a.version,
    lastAnswer: Math.max(a.lastAnswer, b.lastAnswer),
    rows: a.rows + b.rows,
    success: addSpans(a.success, b.success),
    failure: addSpans(a.failure, b.failure),
    codes,
    latencies: a.latencies.map((count, at) => count + (b.latencies[at] ?? 0)),
    executions: addSpans(a.executions, b.executions),
  };
}

/** One entry a key, those of one key put together; in the order in which keys came first. */
function mergeBy<Entry>(
  entries: readonly Entry[],
  toKey: (entry: Entry) => string | number,
  merge: (a: Entry, b: Entry) => Entry,
): readonly Entry[] {
  const merged = new Map<string | number, Entry>();
  for (const entry of entries) {
    const key = toKey(entry);
    const known = merged.get(key);
    merged.set(key, known === undefined ? entry : merge(known, entry));
  }
  return [...merged.values()];
}

const addModels = (a: ModelStatistics, b: ModelStatistics): ModelStatistics => ({
  model: a.model,
  waiting: a.waiting + b.waiting,
  versions: mergeBy([...a.versions, ...b.versions], ({ version }) => version, addVersions),
});

type Entry = VersionState & { readonly model: string };

/** What several processes with the same models tell together: counts are sums, and a version is ready where all of them can answer with it. */
export function mergeReports(reports: readonly PlaneReport[]): PlaneReport {
  return {
    statistics: mergeBy(
      reports.flatMap(({ statistics }) => statistics),
      ({ model }) => model,
      addModels,
    ),
    index: mergeBy(
      reports.flatMap(({ index }) => index),
      ({ model, version }: Entry) => `${model}/${version}`,
      (a, b) => (a.state === 'READY' ? b : a),
    ),
  };
}
