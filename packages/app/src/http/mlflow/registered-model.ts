import { modelSearch, toModelStage } from '@pawl/core';
import type { Model } from '@pawl/core';
import type { ModelService, RegistryService, StageService } from '@pawl/engine';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { fromTagList, required, toModelVersion, toRegisteredModel, toSearchRequest } from './registry-wire.ts';

export interface RegistryServices {
  readonly models: ModelService;
  readonly registry: RegistryService;
  readonly stages: StageService;
}

/** Models by name, with their tags and their latest versions. */
export function registeredModelRoutes({ models, registry }: RegistryServices): readonly MlflowRoute[] {
  const nameOf = (input: MlflowInput): string => input.string('name', required);
  const show = async (model: Model): Promise<object> => ({
    registered_model: toRegisteredModel(model, await registry.latest([model.name], []), await models.aliases(model.name)),
  });
  const latestVersions = async (input: MlflowInput): Promise<object> => {
    const { name } = await models.get(nameOf(input));
    const [found, aliases] = await Promise.all([registry.latest([name], input.strings('stages').map(toModelStage)), models.aliases(name)]);
    return { model_versions: unlessEmpty(found.map((version) => toModelVersion(version, aliases))) };
  };

  return [
    defineMlflowRoute({
      operation: 'createRegisteredModel',
      method: 'POST',
      version: '2.0',
      path: '/registered-models/create',
      handle: async (input) =>
        show(
          await registry.create({
            name: nameOf(input),
            description: input.string('description') ?? '',
            tags: fromTagList(input),
            actor: input.actor,
          }),
        ),
    }),
    defineMlflowRoute({
      operation: 'renameRegisteredModel',
      method: 'POST',
      version: '2.0',
      path: '/registered-models/rename',
      handle: async (input) =>
        show(await registry.rename({ name: nameOf(input), to: input.string('new_name', required), actor: input.actor })),
    }),
    defineMlflowRoute({
      operation: 'updateRegisteredModel',
      method: 'PATCH',
      version: '2.0',
      path: '/registered-models/update',
      handle: async (input) => show(await registry.change({ name: nameOf(input), ...descriptionOf(input), actor: input.actor })),
    }),
    defineMlflowRoute({
      operation: 'deleteRegisteredModel',
      method: 'DELETE',
      version: '2.0',
      path: '/registered-models/delete',
      handle: (input) => registry.remove({ name: nameOf(input), actor: input.actor }),
    }),
    defineMlflowRoute({
      operation: 'getRegisteredModel',
      method: 'GET',
      version: '2.0',
      path: '/registered-models/get',
      handle: async (input) => show(await models.get(nameOf(input))),
    }),
    defineMlflowRoute({
      operation: 'searchRegisteredModels',
      method: 'GET',
      version: '2.0',
      path: '/registered-models/search',
      handle: async (input) => {
        const page = await registry.search(toSearchRequest(modelSearch, input, 100, 1000));
        const names = page.items.map(({ name }) => name);
        const [latest, aliases] = await Promise.all([registry.latest(names, []), models.aliases(...names)]);
        const versions = Map.groupBy(latest, ({ model }) => model);
        const named = Map.groupBy(aliases, ({ model }) => model);
        const rows = page.items.map((model) => toRegisteredModel(model, versions.get(model.name) ?? [], named.get(model.name) ?? []));
        return { registered_models: unlessEmpty(rows), next_page_token: page.next };
      },
    }),
    ...(['POST', 'GET'] as const).map((method) =>
      defineMlflowRoute({
        operation: 'getLatestVersions',
        method,
        version: '2.0',
        path: '/registered-models/get-latest-versions',
        handle: latestVersions,
      }),
    ),
    defineMlflowRoute({
      operation: 'setRegisteredModelTag',
      method: 'POST',
      version: '2.0',
      path: '/registered-models/set-tag',
      handle: (input) =>
        registry.setTag({
          name: nameOf(input),
          key: input.string('key', required),
          value: input.string('value') ?? '',
          actor: input.actor,
        }),
    }),
    defineMlflowRoute({
      operation: 'deleteRegisteredModelTag',
      method: 'DELETE',
      version: '2.0',
      path: '/registered-models/delete-tag',
      handle: (input) => registry.deleteTag({ name: nameOf(input), key: input.string('key', required), actor: input.actor }),
    }),
  ];
}

/** An absent description stays as it is; MLflow erases it. */
export function descriptionOf(input: MlflowInput): { readonly description?: string } {
  const description = input.string('description');
  return description === undefined ? {} : { description };
}
