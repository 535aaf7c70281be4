import { experimentSearch, parseFilter, parseOrder } from '@pawl/core';
import type { ExperimentService, TrackingService } from '@pawl/engine';
import { mlflowError } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { required, toAfter, toExperimentId, toExperimentOf, toLimit, toTexts, toView, toWireExperiment } from './tracking-wire.ts';

const MOST_PER_PAGE = 50_000;

export interface TrackingServices {
  readonly experiments: ExperimentService;
  readonly tracking: TrackingService;
}

export function experimentRoutes({ experiments, tracking }: TrackingServices): readonly MlflowRoute[] {
  const post = (operation: string, path: string, handle: MlflowRoute['handle']): MlflowRoute =>
    defineMlflowRoute({ operation, method: 'POST', version: '2.0', path: `/experiments/${path}`, handle });
  const get = (operation: string, path: string, handle: MlflowRoute['handle']): MlflowRoute => ({
    ...post(operation, path, handle),
    method: 'GET',
  });

  async function search(input: MlflowInput): Promise<object> {
    const filter = parseFilter(experimentSearch, input.string('filter') ?? '');
    const orders = parseOrder(experimentSearch, input.strings('order_by'));
    const limit = toLimit(input, 1000, MOST_PER_PAGE);
    const page = await experiments.search({ filter, orders, limit, ...toAfter(input), ...toView(input, 'view_type') });
    return {
      experiments: unlessEmpty(page.items.map((each) => toWireExperiment(each, experiments.location(each)))),
      next_page_token: page.next,
    };
  }

  return [
    post('createExperiment', 'create', async (input) => {
      const made = await experiments.create({
        name: input.string('name', required),
        artifactLocation: input.string('artifact_location') || null,
        tags: toTexts(input, 'tags'),
        actor: input.actor,
      });
      return { experiment_id: String(made.id) };
    }),
    get('getExperiment', 'get', async (input) => {
      const found = await experiments.get(toExperimentOf(input));
      return { experiment: toWireExperiment(found, experiments.location(found)) };
    }),
    get('getExperimentByName', 'get-by-name', async (input) => {
      const name = input.string('experiment_name', required);
      const found = await experiments.byName(name);
      if (found === undefined) throw mlflowError('RESOURCE_DOES_NOT_EXIST', `Could not find experiment with name '${name}'`);
      return { experiment: toWireExperiment(found, experiments.location(found)) };
    }),
    post('searchExperiments', 'search', search),
    get('searchExperiments', 'search', search),
    post('updateExperiment', 'update', async (input) => {
      await experiments.rename(toExperimentOf(input), input.string('new_name', required), input.actor);
    }),
    post('deleteExperiment', 'delete', (input) => experiments.remove(toExperimentOf(input), input.actor)),
    post('restoreExperiment', 'restore', (input) => experiments.restore(toExperimentOf(input), input.actor)),
    post('setExperimentTag', 'set-experiment-tag', (input) =>
      experiments.setTag(toExperimentOf(input), input.string('key', required), input.string('value') ?? '', input.actor),
    ),
    post('deleteExperimentTag', 'delete-experiment-tag', (input) =>
      experiments.deleteTag(toExperimentOf(input), input.string('key', required), input.actor),
    ),
    post('searchDatasets', 'search-datasets', async (input) => {
      const uses = await tracking.datasets(input.strings('experiment_ids').map(toExperimentId));
      const summaries = uses.map(({ experiment, name, digest, context }) => ({
        experiment_id: String(experiment),
        name,
        digest,
        ...(context === '' ? {} : { context }),
      }));
      return { dataset_summaries: unlessEmpty(summaries) };
    }),
  ];
}
