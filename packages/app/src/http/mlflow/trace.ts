import { setTimeout as sleep } from 'node:timers/promises';
import { SIZE_STATS_KEY, parseFilter, parseOrder, traceSearch } from '@pawl/core';
import type { Trace } from '@pawl/core';
import type { AssessmentService, TraceService } from '@pawl/engine';
import { missingParameter, mlflowError } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { toWireSpan } from './span-wire.ts';
import { toTraceInfo, traceOf } from './trace-wire.ts';
import { required, toAfter, toExperimentId, toLimit } from './tracking-wire.ts';

const PAGE = 100;
const MOST_PER_PAGE = 500;
/** Spans come on other connections than the trace: a reader waits so long for the last of them, as MLflow's server does. */
const WAITS_MS = [1000, 2000] as const;

export interface TraceServices {
  readonly traces: TraceService;
  readonly assessments: AssessmentService;
}

/** What clients tell, read and search of traces; spans come over OTLP. */
export function traceRoutes({ traces, assessments }: TraceServices): readonly MlflowRoute[] {
  const define = (operation: string, method: MlflowRoute['method'], path: string, handle: MlflowRoute['handle']): MlflowRoute =>
    defineMlflowRoute({ operation, method, version: '3.0', path: `/traces${path}`, handle });

  async function toInfos(found: readonly Trace[]): Promise<readonly object[]> {
    const uris = await traces.uris(found);
    return found.map((trace) => toTraceInfo(trace, uris.get(trace.id) ?? ''));
  }

  async function toWhole(found: readonly Trace[]): Promise<readonly object[]> {
    const spans = await traces.spans(found.map(({ id }) => id));
    const infos = await toInfos(found);
    return found.map(({ id }, at) => ({ trace_info: infos[at], spans: (spans.get(id) ?? []).map(toWireSpan) }));
  }

  async function asked(input: MlflowInput): Promise<readonly Trace[]> {
    const ids = input.strings('trace_ids');
    if (ids.length === 0) throw missingParameter('trace_ids');
    const found = await traces.many(ids);
    if (!input.has('experiment_ids')) return found;
    const within = new Set(input.strings('experiment_ids').map(toExperimentId));
    return found.filter(({ experiment }) => within.has(experiment));
  }

  async function getWhole(id: string, allowPartial: boolean): Promise<Trace> {
    const waits = [...WAITS_MS];
    for (;;) {
      const trace = await traces.get(id);
      if (allowPartial || isWhole(trace)) return trace;
      const wait = waits.shift();
      if (wait === undefined) {
        throw mlflowError('RESOURCE_DOES_NOT_EXIST', `Trace with ID ${id} is not fully exported yet, please try again later.`);
      }
      await sleep(wait);
    }
  }

  return [
    define('startTraceV3', 'POST', '', async (input) => {
      const told = input.message('trace');
      if (told === undefined) throw missingParameter('trace');
      const trace = await traces.tell(traceOf(told, assessments));
      return { trace: { trace_info: (await toInfos([trace]))[0] } };
    }),
    define('getTrace', 'GET', '/get', async (input) => {
      const trace = await getWhole(input.string('trace_id', required), input.boolean('allow_partial') ?? false);
      return { trace: (await toWhole([trace]))[0] };
    }),
    define('batchGetTraces', 'GET', '/batchGet', async (input) => {
      const whole = (await asked(input)).filter(isWhole);
      return { traces: unlessEmpty(await toWhole(whole)) };
    }),
    define('batchGetTraceInfos', 'POST', '/batchGetInfos', async (input) => ({
      trace_infos: unlessEmpty(await toInfos(await asked(input))),
    })),
    define('searchTracesV3', 'POST', '/search', async (input) => {
      if (input.list('locations').length === 0) throw missingParameter('locations');
      const page = await traces.search({
        experiments: input.list('locations').flatMap((location) => {
          const id = location.message('mlflow_experiment')?.string('experiment_id');
          return id === undefined ? [] : [toExperimentId(id)];
        }),
        filter: parseFilter(traceSearch, input.string('filter') ?? ''),
        orders: parseOrder(traceSearch, input.strings('order_by')),
        limit: toLimit(input, PAGE, MOST_PER_PAGE),
        ...toAfter(input),
      });
      return { traces: unlessEmpty(await toInfos(page.items)), next_page_token: page.next };
    }),
    define('getTraceInfoV3', 'GET', '/:trace_id', async (input) => {
      const [info] = await toInfos([await traces.get(input.string('trace_id', required))]);
      return { trace: { trace_info: info } };
    }),
  ];
}

/** Whether all spans are here that the client says it has sent; of a trace that it does not tell, any. */
function isWhole({ metadata, spans }: Trace): boolean {
  return spans > 0 && spans >= expectedSpans(metadata[SIZE_STATS_KEY]);
}

function expectedSpans(stats: string | undefined): number {
  const count = /"num_spans":\s*([0-9]{1,9})/.exec(stats ?? '')?.[1];
  return count === undefined ? 0 : Number(count);
}
