import { checkKey, toParamValue } from '../experiment/limits.ts';
import { fault } from '../fault/fault.ts';
import type { LoggedModel } from './types.ts';

const BAD_IN_NAMES = ['/', ':', '.', '%', '"', "'"] as const;

/** Throws `record_invalid` in MLflow's words. */
export function checkLoggedModelName(name: string): void {
  if (name === '' || BAD_IN_NAMES.some((character) => name.includes(character)) || Array.from(name).length > 500) {
    throw fault('record_invalid', {
      problem: `Invalid model name (${JSON.stringify(name)}) provided. Model name must be a non-empty string of at most 500 characters and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    });
  }
}

/** Checks the keys, and cuts values as those of runs are. Throws `record_invalid`. */
export function toLoggedModelParams(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const key of Object.keys(params)) checkKey(key, 'params', 'Param key');
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, toParamValue(value)]));
}

/** The model with more parameters. Throws `logged_model_param_changed` where one has another value already. */
export function addLoggedModelParams(model: LoggedModel, params: Readonly<Record<string, string>>): LoggedModel {
  for (const [key, given] of Object.entries(params)) {
    const old = Object.hasOwn(model.params, key) ? model.params[key] : undefined;
    if (old !== undefined && old !== given) throw fault('logged_model_param_changed', { id: model.id, key, old, given });
  }
  return { ...model, params: { ...model.params, ...params } };
}
