import type { SearchSpec } from '../search/types.ts';
import { runSearch } from './search.ts';
import type { MetricExtremes } from './store.ts';
import type { RunDetail } from './types.ts';
import type { SearchColumn } from '../search/column.ts';

const { attribute, metric, parameter, tag, metric_min, metric_max } = runSearch as Required<
  Record<'attribute' | 'metric' | 'parameter' | 'tag' | 'metric_min' | 'metric_max', SearchSpec[string]>
>;

/** What a table of runs may have as columns: what may be asked of them, and what follows from it. */
export const runColumns: SearchSpec = {
  attribute: {
    aliases: attribute.aliases,
    fields: {
      ...attribute.fields,
      experiment_id: { kind: 'number' },
      experiment: { kind: 'text' },
      duration: { kind: 'number' },
    },
  },
  metric,
  parameter,
  tag,
  metric_min,
  metric_max,
};

/** Keys that the columns take of each kind. */
export function keysOf(columns: readonly SearchColumn[], ...entities: readonly string[]): readonly string[] {
  return [...new Set(columns.filter(({ entity }) => entities.includes(entity)).map(({ key }) => key))];
}

export type Cell = string | number | null;

/** The cells of one run; null where it has none. Times are epoch ms, `duration` is ms. `experiments` has names by number. */
export function toCells(
  columns: readonly SearchColumn[],
  { run, metrics }: RunDetail,
  extremes: readonly MetricExtremes[],
  experiments: ReadonlyMap<number, string>,
): readonly Cell[] {
  return columns.map(({ entity, key }): Cell => {
    switch (entity) {
      case 'metric':
        return metrics.find((each) => each.key === key)?.value ?? null;
      case 'metric_min':
        return extremes.find((each) => each.key === key)?.least ?? null;
      case 'metric_max':
        return extremes.find((each) => each.key === key)?.greatest ?? null;
      case 'parameter':
        return Object.hasOwn(run.params, key) ? (run.params[key] as string) : null;
      case 'tag':
        return Object.hasOwn(run.tags, key) ? (run.tags[key] as string) : null;
      default:
        return toAttribute(key, run, experiments);
    }
  });
}

function toAttribute(key: string, run: RunDetail['run'], experiments: ReadonlyMap<number, string>): Cell {
  switch (key) {
    case 'run_id':
      return run.id;
    case 'run_name':
      return run.name;
    case 'status':
      return run.status;
    case 'user_id':
      return run.user;
    case 'artifact_uri':
      return run.artifactUri;
    case 'start_time':
      return run.startedAt;
    case 'end_time':
      return run.endedAt;
    case 'duration':
      return run.endedAt === null ? null : run.endedAt - run.startedAt;
    case 'experiment_id':
      return run.experiment;
    default:
      return experiments.get(run.experiment) ?? null;
  }
}
