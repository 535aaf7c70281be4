import type { Model, ModelAlias, ModelVersion, SearchRequest, SearchSpec } from '@pawl/core';
import { parseFilter, parseOrder } from '@pawl/core';
import { mlflowError } from './errors.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';

export const required = { required: true } as const;

/** A registered model, with the highest version of each stage. */
export function toRegisteredModel(model: Model, latest: readonly ModelVersion[], aliases: readonly ModelAlias[]): object {
  return {
    name: model.name,
    creation_timestamp: model.createdAt,
    last_updated_timestamp: model.updatedAt,
    user_id: toUser(model.createdBy),
    description: model.description === '' ? undefined : model.description,
    latest_versions: unlessEmpty(latest.map((version) => toModelVersion(version, []))),
    tags: toTagList(model.tags),
    aliases: unlessEmpty(aliases.map(({ alias, version }) => ({ alias, version: String(version) }))),
  };
}

/** Search rows come without aliases, as MLflow's do. */
export function toModelVersion(version: ModelVersion, aliases: readonly ModelAlias[]): object {
  return {
    name: version.model,
    version: String(version.version),
    creation_timestamp: version.createdAt,
    last_updated_timestamp: version.updatedAt,
    user_id: toUser(version.createdBy),
    current_stage: version.stage,
    description: version.description,
    source: version.source ?? version.location ?? '',
    run_id: version.run ?? '',
    run_link: version.runLink,
    status: 'READY',
    tags: toTagList(version.tags),
    aliases: unlessEmpty(aliases.filter((one) => one.version === version.version).map(({ alias }) => alias)),
  };
}

function toUser(actor: string): string | undefined {
  return actor.startsWith('user:') && actor !== 'user:anonymous' ? actor.slice('user:'.length) : undefined;
}

function toTagList(tags: Readonly<Record<string, string>>): readonly object[] | undefined {
  return unlessEmpty(
    Object.entries(tags)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value })),
  );
}

/** Tags as a request lists them; of one key the last wins. */
export function fromTagList(input: MlflowInput): Readonly<Record<string, string>> {
  return Object.fromEntries(input.list('tags').map((tag) => [tag.string('key') ?? '', tag.string('value') ?? '']));
}

/** A version's number, written as a string. */
export function versionOf(input: MlflowInput): number {
  const text = input.string('version', required);
  const number = /^\s*[+-]?[0-9]{1,15}\s*$/.test(text) ? Number(text) : undefined;
  if (number === undefined) throw mlflowError('INVALID_PARAMETER_VALUE', `Parameter 'version' must be an integer, got '${text}'.`);
  return number;
}

/** How many rows a request wants. */
export function limitOf(input: MlflowInput, usual: number, most: number): number {
  const limit = input.integer('max_results') ?? usual;
  if (limit < 1) {
    throw mlflowError('INVALID_PARAMETER_VALUE', `Invalid value for max_results. It must be a positive integer, but got ${limit}`);
  }
  if (limit > most) {
    throw mlflowError(
      'INVALID_PARAMETER_VALUE',
      `Invalid value for request parameter max_results. It must be at most ${most}, but got value ${limit}`,
    );
  }
  return limit;
}

export function toSearchRequest(spec: SearchSpec, input: MlflowInput, usual: number, most: number): SearchRequest {
  const after = input.string('page_token');
  return {
    limit: limitOf(input, usual, most),
    filter: parseFilter(spec, input.string('filter') ?? ''),
    orders: parseOrder(spec, input.strings('order_by')),
    ...(after === undefined || after === '' ? {} : { after }),
  };
}
