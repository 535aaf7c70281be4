import { modelVersionSearch, toModelStage } from '@pawl/core';
import type { ModelVersion } from '@pawl/core';
import { requireDone } from './approval.ts';
import { mlflowError } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { descriptionOf } from './registered-model.ts';
import type { RegistryServices } from './registered-model.ts';
import { fromTagList, required, toModelVersion, toSearchRequest, versionOf } from './registry-wire.ts';

/** Versions of registered models by name and number. */
export function modelVersionRoutes({ models, registry, stages }: RegistryServices): readonly MlflowRoute[] {
  const named = (input: MlflowInput): { readonly model: string; readonly version: number } => ({
    model: input.string('name', required),
    version: versionOf(input),
  });
  const find = async (input: MlflowInput): Promise<ModelVersion> => {
    const { model, version } = named(input);
    return registry.version(model, version);
  };
  const show = async (version: ModelVersion): Promise<object> => ({
    model_version: toModelVersion(version, await models.aliases(version.model)),
  });

  return [
    defineMlflowRoute({
      operation: 'createModelVersion',
      method: 'POST',
      version: '2.0',
      path: '/model-versions/create',
      handle: async (input) =>
        show(
          await registry.register({
            model: input.string('name', required),
            source: input.string('source', required),
            run: input.string('run_id') || null,
            loggedModel: input.string('model_id') || null,
            runLink: input.string('run_link') ?? '',
            description: input.string('description') ?? '',
            tags: fromTagList(input),
            actor: input.actor,
          }),
        ),
    }),
    defineMlflowRoute({
      operation: 'getModelVersion',
      method: 'GET',
      version: '2.0',
      path: '/model-versions/get',
      handle: async (input) => show(await find(input)),
    }),
    defineMlflowRoute({
      operation: 'updateModelVersion',
      method: 'PATCH',
      version: '2.0',
      path: '/model-versions/update',
      handle: async (input) => show(await registry.changeVersion({ ...named(input), ...descriptionOf(input), actor: input.actor })),
    }),
    defineMlflowRoute({
      operation: 'transitionModelVersionStage',
      method: 'POST',
      version: '2.0',
      path: '/model-versions/transition-stage',
      handle: async (input) => {
        const written = input.string('stage', required);
        const stage = toModelStage(written);
        const archiveOthers = input.boolean('archive_existing_versions') ?? false;
        if (archiveOthers && stage !== 'Staging' && stage !== 'Production') {
          throw mlflowError(
            'INVALID_PARAMETER_VALUE',
            `Model version transition cannot archive existing model versions because '${written}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
          );
        }
        const reason = input.string('reason') ?? '';
        const outcome = await stages.move({ ...named(input), stage, archiveOthers, reason, actor: input.actor });
        await requireDone(stages, outcome);
        return show(outcome.version);
      },
    }),
    defineMlflowRoute({
      operation: 'deleteModelVersion',
      method: 'DELETE',
      version: '2.0',
      path: '/model-versions/delete',
      handle: (input) => registry.removeVersion({ ...named(input), actor: input.actor }),
    }),
    defineMlflowRoute({
      operation: 'searchModelVersions',
      method: 'GET',
      version: '2.0',
      path: '/model-versions/search',
      handle: async (input) => {
        const page = await registry.searchVersions(toSearchRequest(modelVersionSearch, input, 10_000, 200_000));
        return { model_versions: unlessEmpty(page.items.map((version) => toModelVersion(version, []))), next_page_token: page.next };
      },
    }),
    defineMlflowRoute({
      operation: 'getModelVersionDownloadUri',
      method: 'GET',
      version: '2.0',
      path: '/model-versions/get-download-uri',
      handle: async (input) => {
        const { location, source } = await find(input);
        return { artifact_uri: location ?? source ?? '' };
      },
    }),
    defineMlflowRoute({
      operation: 'setModelVersionTag',
      method: 'POST',
      version: '2.0',
      path: '/model-versions/set-tag',
      handle: (input) =>
        registry.setVersionTag({
          ...named(input),
          key: input.string('key', required),
          value: input.string('value', { required: true, allowEmpty: true }),
          actor: input.actor,
        }),
    }),
    defineMlflowRoute({
      operation: 'deleteModelVersionTag',
      method: 'DELETE',
      version: '2.0',
      path: '/model-versions/delete-tag',
      handle: (input) => registry.deleteVersionTag({ ...named(input), key: input.string('key', required), actor: input.actor }),
    }),
  ];
}
