import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { RegistryServices } from './registered-model.ts';
import { requireDone } from './approval.ts';
import { required, toModelVersion, versionOf } from './registry-wire.ts';

const path = '/registered-models/alias';

/** Names that point at one version of a model and move. */
export function aliasRoutes({ models, registry, stages }: RegistryServices): readonly MlflowRoute[] {
  return [
    defineMlflowRoute({
      operation: 'setRegisteredModelAlias',
      method: 'POST',
      version: '2.0',
      path,
      handle: async (input) => {
        const model = input.string('name', required);
        const outcome = await stages.setAlias({
          model,
          alias: input.string('alias', required),
          version: versionOf(input),
          actor: input.actor,
        });
        await requireDone(stages, outcome);
      },
    }),
    defineMlflowRoute({
      operation: 'deleteRegisteredModelAlias',
      method: 'DELETE',
      version: '2.0',
      path,
      handle: (input) =>
        registry.removeAlias({ model: input.string('name', required), alias: input.string('alias', required), actor: input.actor }),
    }),
    defineMlflowRoute({
      operation: 'getModelVersionByAlias',
      method: 'GET',
      version: '2.0',
      path,
      handle: async (input) => {
        const version = await registry.byAlias(input.string('name', required), input.string('alias', required));
        return { model_version: toModelVersion(version, await models.aliases(version.model)) };
      },
    }),
  ];
}
