import type { Metric, Series } from '@pawl/core';
import { invalidParameter, missingParameter, mlflowError } from './errors.ts';
import type { TrackingServices } from './experiment.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowAnswer, MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { toWireNumber, unlessEmpty } from './json.ts';
import { inParts } from './parts.ts';
import { required, toAfter, toLimit, toRunId, toWireMetric } from './tracking-wire.ts';

const MOST_POINTS = 25_000;
const MOST_RUNS = 100;
const MOST_STEPS = 2500;

export function metricRoutes({ tracking }: Pick<TrackingServices, 'tracking'>): readonly MlflowRoute[] {
  const get = (operation: string, path: string, handle: MlflowRoute['handle']): MlflowRoute =>
    defineMlflowRoute({ operation, method: 'GET', version: '2.0', path: `/metrics/${path}`, handle });

  return [
    get('getMetricHistory', 'get-history', async (input) => {
      const limit = Math.min(toLimit(input, MOST_POINTS, Number.MAX_SAFE_INTEGER), MOST_POINTS);
      const key = input.string('metric_key', required);
      return writeSeries(key, await tracking.series(toRunId(input), key, { limit, ...toAfter(input) }));
    }),
    get('getMetricHistoryBulkInterval', 'get-history-bulk-interval', async (input) => {
      const runs = toRuns(input, 'run_ids');
      const key = input.string('metric_key', required);
      const [from, to] = [input.integer('start_step'), input.integer('end_step')];
      if ((from === undefined) !== (to === undefined)) {
        throw mlflowError(
          'INVALID_PARAMETER_VALUE',
          'If either start step or end step are specified, both must be specified. Start step and end step must be specified together.',
        );
      }
      if (from !== undefined && to !== undefined && from > to) {
        throw mlflowError(
          'INVALID_PARAMETER_VALUE',
          `end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`,
        );
      }
      const range = from === undefined || to === undefined ? undefined : { from, to };
      const points = await tracking.sample(runs, key, range, toLimit(input, MOST_STEPS, MOST_STEPS));
      return { metrics: unlessEmpty(points.map(toRunMetric)) };
    }),
    get('get_history_bulk', 'get-history-bulk', async (input) => {
      const runs = toRuns(input, 'run_id');
      const key = input.string('metric_key', required);
      const most = toLimit(input, MOST_POINTS, MOST_POINTS);
      const points: Metric[] = [];
      for (const run of runs.toSorted()) {
        if (points.length >= most) break;
        points.push(...(await tracking.history(run, key, { limit: most - points.length })).items);
      }
      return { metrics: unlessEmpty(points.map(toRunMetric)) };
    }),
  ];
}

/** Points written at once. */
const POINTS_A_PART = 5000;

/** Written by hand: as objects a full page costs several times more, and all other requests wait. */
function writeSeries(key: string, { steps, times, values, next }: Series): MlflowAnswer {
  const start = `{"key":${JSON.stringify(key)},"value":`;
  const write = (from: number, to: number) =>
    steps
      .slice(from, to)
      .map(
        (step, at) =>
          `${start}${JSON.stringify(toWireNumber(values[from + at] ?? Number.NaN))},"timestamp":${times[from + at]},"step":${step}}`,
      );
  if (steps.length === 0) return {};
  const tail = `]${next === undefined ? '' : `,"next_page_token":${JSON.stringify(next)}`}}`;
  return inParts('{"metrics":[', steps.length, POINTS_A_PART, write, tail);
}

function toRuns(input: MlflowInput, name: string): readonly string[] {
  const runs = input.strings(name);
  if (runs.length === 0) throw missingParameter(name);
  if (runs.length > MOST_RUNS) {
    throw invalidParameter(name, `${runs.length} runs`, `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids.`);
  }
  return runs;
}

function toRunMetric(metric: Metric): object {
  return { ...toWireMetric(metric), run_id: metric.run };
}
