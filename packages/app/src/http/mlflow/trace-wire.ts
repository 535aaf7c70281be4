import { ARTIFACT_LOCATION_TAG, SPANS_LOCATION_TAG } from '@pawl/core';
import type { Trace, TraceState } from '@pawl/core';
import type { AssessmentService, NewTrace } from '@pawl/engine';
import { assessmentOf, toWireAssessment } from './assessment-wire.ts';
import { invalidParameter } from './errors.ts';
import type { MlflowInput } from './input.ts';
import { unlessEmpty } from './json.ts';
import { toDuration, toMoment, toTextMap } from './protobuf-json.ts';
import { required, toExperimentId } from './tracking-wire.ts';

/** mlflow/protos/service.proto, TraceInfoV3.State. */
const states = { STATE_UNSPECIFIED: 0, OK: 1, ERROR: 2, IN_PROGRESS: 3 } as const;

export function traceOf(trace: MlflowInput, assessments: AssessmentService): NewTrace {
  const info = trace.message('trace_info') ?? trace;
  const id = info.string('trace_id', required);
  const experiment = info.message('trace_location')?.message('mlflow_experiment')?.string('experiment_id', required);
  if (experiment === undefined) {
    throw invalidParameter(info.path('trace_location'), info.raw('trace_location'), 'It must name an experiment in mlflow_experiment.');
  }
  const state = info.choice('state', states) ?? 'STATE_UNSPECIFIED';
  return {
    id,
    experiment: toExperimentId(experiment),
    startedAt: toMoment(info, 'request_time') ?? 0,
    duration: toDuration(info, 'execution_duration') ?? null,
    state: state === 'STATE_UNSPECIFIED' ? 'unspecified' : (state.toLowerCase() as TraceState),
    request: info.string('request_preview') ?? null,
    response: info.string('response_preview') ?? null,
    clientRequest: info.string('client_request_id') ?? null,
    tags: toTextMap(info, 'tags'),
    metadata: toTextMap(info, 'trace_metadata'),
    assessments: info.list('assessments').map((each, at) => assessments.complete(assessmentOf(each, id), at)),
  };
}

/** `uri` is the root of the trace's artifacts. Its spans are here as soon as there is one. */
export function toTraceInfo(trace: Trace, uri: string): object {
  const { state, duration } = trace;
  const tags = { ...trace.tags, [ARTIFACT_LOCATION_TAG]: uri, ...(trace.spans === 0 ? {} : { [SPANS_LOCATION_TAG]: 'TRACKING_STORE' }) };
  return {
    trace_id: trace.id,
    ...(trace.clientRequest === null ? {} : { client_request_id: trace.clientRequest }),
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: String(trace.experiment) } },
    ...(trace.request === null ? {} : { request_preview: trace.request }),
    ...(trace.response === null ? {} : { response_preview: trace.response }),
    request_time: new Date(trace.startedAt).toISOString(),
    ...(duration === null ? {} : { execution_duration: `${(duration / 1000).toFixed(3)}s` }),
    state: state === 'unspecified' ? 'STATE_UNSPECIFIED' : state.toUpperCase(),
    trace_metadata: trace.metadata,
    tags,
    assessments: unlessEmpty(trace.assessments.map(toWireAssessment)),
  };
}
