import { checkKey } from '../experiment/limits.ts';
import { fault } from '../fault/fault.ts';
import { modelStages } from './types.ts';
import type { ModelStage } from './types.ts';

const ALIAS = /^[\p{L}\p{N}_-]*$/u;
const LONGEST_TAG = 100_000;
const LONGEST_ALIAS = 255;
const LONGEST_DESCRIPTION = 5_000_000;

/** Marks a model that is a prompt, and each of its versions. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';

export function isPrompt(tags: Readonly<Record<string, string>>): boolean {
  return tags[PROMPT_TAG]?.toLowerCase() === 'true';
}

/** A name that means one file: no part of it may be taken away without changing it. */
function isPathNormal(name: string): boolean {
  return !name.startsWith('/') && !name.endsWith('/') && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function refuse(problem: string): Error {
  return fault('model_refused', { problem });
}

const quoted = (value: string): string => JSON.stringify(value);

/** Throws `model_refused` unless a model may be called so: anything but `/` and `:`, and no other name as a path. */
export function checkModelName(name: string, parameter = 'name'): void {
  if (name.trim() === '') throw refuse(`Missing value for required parameter '${parameter}'.`);
  if (/[/:]/.test(name)) throw refuse(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  if (!isPathNormal(name)) {
    throw refuse(
      `Invalid value ${quoted(name)} for parameter '${parameter}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such.`,
    );
  }
  if (name.length > 256) throw refuse("'Model name' exceeds the maximum length of 256 characters");
}

/** Throws `record_invalid`, `model_refused` unless the key and the value of a tag may be stored. */
export function checkModelTag(key: string, value: string | undefined): void {
  checkKey(key, 'key', 'key');
  if (value !== undefined && value.length > LONGEST_TAG) throw refuse(`'value' exceeds the maximum length of ${LONGEST_TAG} characters`);
}

export function checkModelDescription(description: string): void {
  if (description.length > LONGEST_DESCRIPTION)
    throw refuse(`'description' exceeds the maximum length of ${LONGEST_DESCRIPTION} characters`);
}

/** Throws `model_refused` unless an alias may be set: `latest` and `v3` mean something else in a model's URI. */
export function checkModelAlias(alias: string): void {
  if (alias === '') throw refuse('Registered model alias name cannot be empty.');
  if (!ALIAS.test(alias)) {
    throw refuse(`Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`);
  }
  if (alias.length > LONGEST_ALIAS) {
    throw refuse(`'Registered model alias name' exceeds the maximum length of ${LONGEST_ALIAS} characters`);
  }
  if (alias.toLowerCase() === 'latest') throw refuse("'latest' alias name (case insensitive) is reserved.");
  if (/^v[0-9]+$/i.test(alias)) throw refuse(`Version alias name '${alias}' is reserved.`);
}

/** A stage by its name in any case. Throws `model_refused`. */
export function toModelStage(name: string): ModelStage {
  const found = modelStages.find((stage) => stage.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw refuse(`Invalid Model Version stage: ${name}. Value must be one of ${modelStages.join(', ')}.`);
  return found;
}

/** Aliases that stand for what is in production: a gated model's gate guards them as it guards the stage. */
export function isProductionAlias(alias: string): boolean {
  return ['champion', 'production'].includes(alias.toLowerCase());
}
