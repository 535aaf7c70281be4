import type { Field, SearchSpec } from '../search/types.ts';

const text: Field = { kind: 'text' };
const number: Field = { kind: 'number' };
const unordered: Field = { kind: 'text', orders: false };
/** Any key, which a row may not have. */
const anyText: Field = { kind: 'text', nullable: true };

/** What may be asked of runs: MLflow's language, and beyond it the least and greatest value of a metric. */
export const runSearch: SearchSpec = {
  metric: { aliases: ['metrics'], fields: number },
  parameter: { aliases: ['parameters', 'param', 'params'], fields: anyText },
  tag: { aliases: ['tags'], fields: anyText },
  attribute: {
    aliases: ['attributes', 'attr', 'run'],
    fields: {
      artifact_uri: text,
      end_time: number,
      run_id: text,
      run_name: text,
      start_time: number,
      status: text,
      user_id: text,
      created: { kind: 'number', as: 'start_time' },
      Created: { kind: 'number', as: 'start_time' },
      'run name': { kind: 'text', as: 'run_name' },
      'Run name': { kind: 'text', as: 'run_name' },
      'Run Name': { kind: 'text', as: 'run_name' },
    },
  },
  dataset: { aliases: ['datasets'], fields: { name: unordered, digest: unordered, context: unordered } },
  metric_min: { aliases: ['metrics_min'], fields: number },
  metric_max: { aliases: ['metrics_max'], fields: number },
};

export const experimentSearch: SearchSpec = {
  attribute: {
    aliases: ['attributes', 'attr'],
    fields: {
      name: text,
      creation_time: number,
      last_update_time: number,
      experiment_id: { kind: 'number', filters: false },
    },
  },
  tag: { aliases: ['tags'], fields: { ...anyText, orders: false } },
};
