import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlaneReport } from './data-plane.ts';
import { createStatistics } from './endpoint/statistics.ts';
import { mergeReports } from './merge-reports.ts';
import { toMetricsText } from './protocol/metrics.ts';

function report(
  state: 'READY' | 'LOADING',
  ...answers: readonly (readonly [code: string, rows: number, ms: number, time: number])[]
): PlaneReport {
  const statistics = createStatistics();
  for (const [code, rows, ms, time] of answers) statistics.add(3, code, rows, ms, time);
  return {
    statistics: [{ model: 'a "b"', waiting: 1, versions: statistics.read().map((one) => ({ ...one, executions: { count: 1, ms: 2 } })) }],
    index: [{ model: 'a "b"', version: 3, state, reason: '' }],
  };
}

test('counts of several processes are sums, and a version is ready where all are', () => {
  const merged = mergeReports([
    report('READY', ['ok', 2, 0.4, 10], ['overloaded', 0, 3, 11]),
    report('LOADING', ['ok', 5, 7000, 9]),
    report('READY'),
  ]);
  const [model] = merged.statistics;
  const [version] = model?.versions ?? [];
  assert.deepEqual([model?.waiting, version?.rows, version?.success, version?.lastAnswer], [3, 7, { count: 2, ms: 7000.4 }, 10]);
  assert.deepEqual(
    [...(version?.codes ?? [])],
    [
      ['ok', 2],
      ['overloaded', 1],
    ],
  );
  assert.equal(merged.index[0]?.state, 'LOADING');
});

test('Prometheus gets cumulative buckets, seconds and escaped names', () => {
  const lines = toMetricsText(report('READY', ['ok', 2, 0.4, 10], ['ok', 1, 3, 11], ['overloaded', 0, 9000, 12])).split('\n');
  const has = (line: string) => assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  has('pawl_inference_requests_total{model="a \\"b\\"",version="3",code="ok"} 2');
  has('pawl_inference_duration_seconds_bucket{model="a \\"b\\"",version="3",le="0.0005"} 1');
  has('pawl_inference_duration_seconds_bucket{model="a \\"b\\"",version="3",le="0.005"} 2');
  has('pawl_inference_duration_seconds_bucket{model="a \\"b\\"",version="3",le="+Inf"} 3');
  has('pawl_inference_duration_seconds_count{model="a \\"b\\"",version="3"} 3');
  has('pawl_model_ready{model="a \\"b\\"",version="3"} 1');
  assert.equal(new Set(lines.filter((line) => line.startsWith('# TYPE'))).size, lines.filter((line) => line.startsWith('# TYPE')).length);
});
