/** What is measured, and what it must be. */
import type { Figure } from '../figure.ts';
import { searches } from './searches.ts';

export type Measured = Readonly<Record<string, number>>;

interface Goal {
  readonly unit: string;
  /** How many times better than the peer. */
  readonly times?: number;
  /** What the value itself must stay below, or reach where more is better. */
  readonly limit?: number;
  readonly more?: true;
}

export const goals: Readonly<Record<string, Goal>> = {
  startup: { unit: 'ms', limit: 1500 },
  idle: { unit: 'MB', limit: 150 },
  create_run: { unit: 'ms', times: 10 },
  create_run_many: { unit: 'runs/s', times: 10, more: true },
  log_metric: { unit: 'ms', times: 10, limit: 2 },
  log_metric_many: { unit: 'metrics/s', times: 10, more: true },
  log_batch: { unit: 'metrics/s', times: 10, limit: 25_000, more: true },
  search_runs: { unit: 'ms', times: 20, limit: 100 },
  ...Object.fromEntries(
    Object.keys(searches)
      .filter((name) => name !== 'search_runs')
      .map((name): [string, Goal] => [name, { unit: 'ms', limit: 100 }]),
  ),
  metric_history: { unit: 'ms', times: 10 },
  health_p99: { unit: 'ms', limit: 50 },
  memory: { unit: 'MB', times: 5 },
};

export function toFigure(name: string, own: Measured, theirs: Measured, peer: string): Figure {
  const { unit, times = 0, limit, more } = goals[name] as Goal;
  const [value = Number.NaN, other = Number.NaN] = [own[name], theirs[name]];
  const ratio = more ? value / other : other / value;
  const within = limit === undefined || (more ? value >= limit : value < limit);
  const words = [
    ...(times === 0 ? [] : [`≥ ${times} times`]),
    ...(limit === undefined ? [] : [more ? `≥ ${limit} ${unit}` : `< ${limit} ${unit}`]),
  ];
  return { value, unit, peer, peer_value: other, ratio, goal: words.join(', '), met: within && ratio >= times };
}
