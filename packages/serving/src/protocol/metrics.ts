/** The data plane's figures in Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats). */
import type { ModelStatistics, PlaneReport } from '../data-plane.ts';
import { LATENCY_BOUNDS } from '../endpoint/statistics.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string | number>>;

const escape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function toLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(String(text))}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function toFamily(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, lines: readonly string[]): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function toHistogram(name: string, labels: Labels, counts: readonly number[], sum: number): readonly string[] {
  let total = 0;
  const buckets = counts.map((count, at) => {
    total += count;
    return toLine(`${name}_bucket`, { ...labels, le: LATENCY_BOUNDS[at] ?? '+Inf' }, total);
  });
  return [...buckets, toLine(`${name}_sum`, labels, sum), toLine(`${name}_count`, labels, total)];
}

export function toMetricsText({ statistics: models, index }: PlaneReport): string {
  const each = <Line>(
    read: (labels: { model: string; version: number }, counts: ModelStatistics['versions'][number]) => readonly Line[],
  ): readonly Line[] =>
    models.flatMap(({ model, versions }) => versions.flatMap((counts) => read({ model, version: counts.version }, counts)));
  const seconds = (ms: number): number => ms / 1000;
  const lines = [
    ...toFamily(
      'pawl_inference_requests_total',
      'counter',
      'Requests answered, by outcome.',
      each((labels, { codes }) =>
        Array.from(codes, ([code, count]) => toLine('pawl_inference_requests_total', { ...labels, code }, count)),
      ),
    ),
    ...toFamily(
      'pawl_inference_duration_seconds',
      'histogram',
      'From the reading of a request to its answer.',
      each((labels, { latencies, success, failure }) =>
        toHistogram('pawl_inference_duration_seconds', labels, latencies, seconds(success.ms + failure.ms)),
      ),
    ),
    ...toFamily(
      'pawl_inference_rows_total',
      'counter',
      'Rows of good answers.',
      each((labels, { rows }) => [toLine('pawl_inference_rows_total', labels, rows)]),
    ),
    ...toFamily(
      'pawl_model_executions_total',
      'counter',
      'Runs of the model; requests that waited run together.',
      each((labels, { executions }) => [toLine('pawl_model_executions_total', labels, executions.count)]),
    ),
    ...toFamily(
      'pawl_model_execution_seconds_total',
      'counter',
      'Time in which the model ran.',
      each((labels, { executions }) => [toLine('pawl_model_execution_seconds_total', labels, seconds(executions.ms))]),
    ),
    ...toFamily(
      'pawl_inference_requests_in_flight',
      'gauge',
      'Requests under way.',
      models.map(({ model, waiting }) => toLine('pawl_inference_requests_in_flight', { model }, waiting)),
    ),
    ...toFamily(
      'pawl_model_ready',
      'gauge',
      'Whether a version can answer.',
      index.map(({ model, version, state }) => toLine('pawl_model_ready', { model, version }, state === 'READY' ? 1 : 0)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
