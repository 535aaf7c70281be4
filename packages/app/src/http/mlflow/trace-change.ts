import type { TraceService } from '@pawl/engine';
import { mlflowError, missingParameter } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute, MlflowVersion } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { required, toExperimentOf } from './tracking-wire.ts';

/** MLflow's own limit of one request. */
const MOST_LINKED = 100;

/** Tags, links and deletion. The 3.x clients still send these to their 2.0 paths. */
export function traceChangeRoutes({ traces }: { readonly traces: TraceService }): readonly MlflowRoute[] {
  const both = (operation: string, method: MlflowRoute['method'], path: string, handle: MlflowRoute['handle']): readonly MlflowRoute[] =>
    (['2.0', '3.0'] as readonly MlflowVersion[]).map((version) =>
      defineMlflowRoute({ operation: version === '2.0' ? operation : `${operation}V3`, method, version, path: `/traces${path}`, handle }),
    );

  return [
    ...both('setTraceTag', 'PATCH', '/:trace_id/tags', (input) =>
      traces.setTag(idOf(input), input.string('key', required), input.string('value') ?? ''),
    ),
    ...both('deleteTraceTag', 'DELETE', '/:trace_id/tags', (input) => traces.deleteTag(idOf(input), input.string('key', required))),
    ...both('deleteTraces', 'POST', '/delete-traces', async (input) => {
      const experiment = toExperimentOf(input);
      const ids = [...input.strings('request_ids'), ...input.strings('trace_ids')];
      const until = input.integer('max_timestamp_millis');
      const most = input.integer('max_traces');
      checkRemoval(ids, until, most);
      const count = await traces.remove(
        {
          experiment,
          ...(ids.length === 0 ? {} : { ids }),
          ...(until === undefined ? {} : { until }),
          ...(most === undefined ? {} : { most }),
        },
        input.actor,
      );
      return { traces_deleted: count };
    }),
    defineMlflowRoute({
      operation: 'linkTracesToRun',
      method: 'POST',
      version: '2.0',
      path: '/traces/link-to-run',
      handle: async (input) => {
        const ids = input.strings('trace_ids');
        const run = input.string('run_id', required);
        if (ids.length === 0) throw missingParameter('trace_ids');
        if (ids.length > MOST_LINKED) {
          throw refuse(`Cannot link more than ${MOST_LINKED} traces to a run in a single request. Provided ${ids.length} traces.`);
        }
        await traces.link(run, ids);
      },
    }),
    defineMlflowRoute({
      operation: 'linkPromptsToTrace',
      method: 'POST',
      version: '2.0',
      path: '/traces/link-prompts',
      handle: async (input) => {
        const prompts = input.list('prompt_versions').map((each) => `${each.string('name', required)}/${each.string('version', required)}`);
        if (prompts.length === 0) throw missingParameter('prompt_versions');
        await traces.linkPrompts(input.string('trace_id', required), prompts);
      },
    }),
  ];
}

function idOf(input: MlflowInput): string {
  return input.string('trace_id', required);
}

/** Either by id or by age: what is meant by both, or by neither, is not to be guessed. */
function checkRemoval(ids: readonly string[], until: number | undefined, most: number | undefined): void {
  if (until === undefined && ids.length === 0) throw refuse('Either `max_timestamp_millis` or `trace_ids` must be specified.');
  if (until !== undefined && ids.length > 0) throw refuse('Only one of `max_timestamp_millis` and `trace_ids` can be specified.');
  if (most === undefined) return;
  if (ids.length > 0) throw refuse("`max_traces` can't be specified if `trace_ids` is specified.");
  if (most <= 0) throw refuse(`\`max_traces\` must be a positive integer, received ${most}.`);
}

function refuse(message: string): Error {
  return mlflowError('INVALID_PARAMETER_VALUE', message);
}
