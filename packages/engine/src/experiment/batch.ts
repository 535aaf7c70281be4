import { checkBatch, checkKey, fault, toParamValue, toTagValue } from '@pawl/core';
import type { Metric } from '@pawl/core';

export interface LoggedMetric extends Omit<Metric, 'run'> {
  /** A logged model that it measures, besides the run. */
  readonly model?: string;
  readonly dataset?: { readonly name: string; readonly digest: string };
}

export interface LoggedText {
  readonly key: string;
  readonly value: string;
}

/** What is logged at once: all of it is kept, or nothing. */
export interface LogBatch {
  readonly metrics: readonly LoggedMetric[];
  readonly params: readonly LoggedText[];
  readonly tags: readonly LoggedText[];
}

type Texts = Readonly<Record<string, string>>;

export interface CheckedBatch {
  readonly metrics: readonly LoggedMetric[];
  readonly params: Texts;
  readonly tags: Texts;
}

/**
 * Checks a batch by MLflow's limits, and cuts values that are too long as it does. `single` tells that messages name the fields of one record.
 * Throws `record_invalid`.
 */
export function checkLogBatch({ metrics, params, tags }: LogBatch, single: boolean): CheckedBatch {
  checkBatch(metrics.length, params.length, tags.length);
  const path = (list: string, at: number, field: string): string => (single ? field : `${list}[${at}].${field}`);
  for (const [at, { key, value, time }] of metrics.entries()) {
    checkKey(key, path('metrics', at, 'name'), 'Metric name');
    if (time < 0) {
      const problem = `metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `;
      throw fault('record_invalid', {
        problem: `Invalid value ${time} for parameter '${path('metrics', at, 'timestamp')}' supplied: ${problem}`,
      });
    }
  }
  for (const [at, { key }] of params.entries()) checkKey(key, path('params', at, 'key'), 'Param key');
  checkUnique(params);
  return {
    metrics,
    params: Object.fromEntries(params.map(({ key, value }) => [key, toParamValue(value)])),
    tags: toTags(tags, (at) => path('tags', at, 'key')),
  };
}

/** Tags as they are kept, of which the last of a key wins. Throws `record_invalid`. */
export function toTags(tags: readonly LoggedText[], path: (at: number) => string): Texts {
  for (const [at, { key }] of tags.entries()) checkKey(key, path(at), path(at));
  return Object.fromEntries(tags.map(({ key, value }) => [key, toTagValue(value)]));
}

function checkUnique(params: readonly LoggedText[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.size === seen.add(key).size).map(({ key }) => `'${key}'`);
  if (twice.length === 0) return;
  throw fault('record_invalid', {
    problem: `Duplicate parameter keys have been submitted: [${twice.join(', ')}]. Please ensure the request contains only one param value per param key.`,
  });
}

/** Parameters keep their first value. Throws `run_param_changed`, or `run_params_changed` for a batch. */
export function checkParams(run: string, old: Texts, params: Texts, single: boolean): void {
  const changed = Object.entries(params).filter(([key, value]) => Object.hasOwn(old, key) && old[key] !== value);
  const [first] = changed;
  if (first === undefined) return;
  const [key, value] = first;
  if (single) throw fault('run_param_changed', { run, key, old: old[key] ?? '', value });
  const changes = changed.map(([name, next]) => `{'key': '${name}', 'old_value': '${old[name] ?? ''}', 'new_value': '${next}'}`);
  throw fault('run_params_changed', { run, changes: `[${changes.join(', ')}]` });
}
