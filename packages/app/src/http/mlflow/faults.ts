import { isFault } from '@pawl/core';
import type { Fault, FaultCode } from '@pawl/core';
import { MlflowError, mlflowError } from './errors.ts';
import type { MlflowErrorCode } from './errors.ts';

type Wording = (details: Readonly<Record<string, unknown>>) => string;

/** Faults whose code does not follow from their kind and name, or that MLflow's clients know by another message. Details are the fault's own. */
const exact: { readonly [Code in FaultCode]?: readonly [MlflowErrorCode, Wording?] } = {
  experiment_not_found: ['RESOURCE_DOES_NOT_EXIST', (d) => `No Experiment with id=${text(d['name'])} exists`],
  experiment_exists: ['RESOURCE_ALREADY_EXISTS'],
  invalid_cursor: ['INVALID_PARAMETER_VALUE', () => 'Invalid page token, could not base64-decode'],
  run_not_found: ['RESOURCE_DOES_NOT_EXIST', (d) => `Run with id=${text(d['id'])} not found`],
  model_not_found: ['RESOURCE_DOES_NOT_EXIST', (d) => `Registered Model with name=${text(d['name'])} not found`],
  model_version_not_found: [
    'RESOURCE_DOES_NOT_EXIST',
    (d) => `Model Version (name=${text(d['name'])}, version=${text(d['version'])}) not found`,
  ],
  logged_model_not_found: ['RESOURCE_DOES_NOT_EXIST', (d) => `Logged model with ID '${text(d['id'])}' not found.`],
  logged_model_tag_not_found: [
    'RESOURCE_DOES_NOT_EXIST',
    (d) => `No tag with key '${text(d['key'])}' found for model with ID '${text(d['id'])}'.`,
  ],
  path_unsafe: ['INVALID_PARAMETER_VALUE', () => 'Invalid path'],
  model_not_gated: ['PERMISSION_DENIED'],
  model_governed: ['PERMISSION_DENIED'],
  model_needs_approval: ['PERMISSION_DENIED'],
  model_rollout_begun: ['PERMISSION_DENIED'],
  model_force_denied: ['PERMISSION_DENIED'],
  model_production_full: ['PERMISSION_DENIED'],
  model_version_in_use: ['PERMISSION_DENIED'],
  model_alias_not_found: ['INVALID_PARAMETER_VALUE', (d) => `Registered model alias ${text(d['alias'])} not found.`],
  model_exists: ['RESOURCE_ALREADY_EXISTS', toTaken],
};

/** Null for what is neither a fault nor a refusal of this protocol: a defect, which the caller logs. */
export function toMlflowError(error: unknown): MlflowError | null {
  if (error instanceof MlflowError) return error;
  if (!isFault(error)) return null;
  const [code, wording] = exact[error.code] ?? [toCode(error)];
  return mlflowError(code, wording === undefined ? error.message : wording(error.details));
}

function toCode(problem: Fault): MlflowErrorCode {
  if (problem.code.endsWith('not_found')) return 'RESOURCE_DOES_NOT_EXIST';
  if (problem.kind === 'user') return 'INVALID_PARAMETER_VALUE';
  return problem.kind === 'operational' ? 'TEMPORARILY_UNAVAILABLE' : 'INTERNAL_ERROR';
}

/** Models and prompts share one space of names. */
function toTaken({ name, wanted, existing }: Readonly<Record<string, unknown>>): string {
  if (wanted === existing) return `${wanted === 'prompt' ? 'Prompt' : 'Registered Model'} (name=${text(name)}) already exists.`;
  const taken = `Tried to create a ${text(wanted)} with name '${text(name)}', but the name is already taken by a ${text(existing)}.`;
  return `${taken} MLflow does not allow creating a model and a prompt with the same name.`;
}

function text(value: unknown): string {
  return String(value);
}
