import { TRACE_NAME_TAG, fault, parseFilter, parseOrder, toPlainValue, traceSearch } from '@pawl/core';
import type { Assessment, Span, SpanMap, Trace } from '@pawl/core';
import type { ExperimentService, RunService, TraceService } from '@pawl/engine';
import { z } from 'zod';
import { whichExperiment } from './experiment-folder.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { jsonObjectSchema, jsonSchema, momentSchema, pageOf, textsSchema, timeSchema, toTime } from './schema.ts';

const traceId = z.string().min(1).max(50);
const oneTrace = z.object({ trace: traceId });
const nanoSchema = z.string().describe('Nanoseconds since 1970, as text: no JSON number holds them.');

const assessmentSchema = z.object({
  id: z.string(),
  span: z.string().nullable(),
  name: z.string(),
  kind: z.enum(['feedback', 'expectation']),
  value: jsonSchema,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  source: z.object({ type: z.string(), id: z.string() }),
  rationale: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  created_at: timeSchema,
  updated_at: timeSchema,
  overrides: z.string().nullable(),
  valid: z.boolean(),
});

const traceSchema = z.object({
  id: z.string(),
  experiment: z.number().int(),
  name: z.string().describe('Of its root span; may be empty.'),
  state: z.enum(['in_progress', 'ok', 'error', 'unspecified']),
  started_at: timeSchema,
  duration_ms: z.number().int().nullable(),
  request: z.string().nullable().describe('What went in, cut short.'),
  response: z.string().nullable().describe('What came out, cut short.'),
  client_request_id: z.string().nullable(),
  spans: z.number().int(),
  tags: z.record(z.string(), z.string()),
  metadata: z.record(z.string(), z.string()),
  assessments: z.array(assessmentSchema),
});

const spanSchema = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  name: z.string(),
  status: z.enum(['unset', 'ok', 'error']),
  message: z.string(),
  started_at_ns: nanoSchema,
  ended_at_ns: nanoSchema.nullable(),
  attributes: jsonObjectSchema.describe('Integers beyond 2^53, NaN and infinities are texts.'),
  events: z.array(z.object({ name: z.string(), time_ns: nanoSchema, attributes: jsonObjectSchema })),
  links: z.array(z.object({ trace: z.string(), span: z.string(), attributes: jsonObjectSchema })),
});

const searchSchema = z.object({
  experiments: z.array(whichExperiment).min(1).max(1000).describe('By number or name.'),
  filter: z.string().max(100_000).default('').describe("Such as `state = 'ERROR' AND span.type = 'LLM'`."),
  order_by: z.array(z.string().max(1000)).max(16).default([]).describe('Such as `execution_time_ms DESC`; newest first otherwise.'),
  limit: z.number().int().min(1).max(1000).default(100).describe('Most items of one answer.'),
  after: z.string().max(20_000).optional().describe('Cursor: `next` of the answer before, to the same search.'),
});

const deletionSchema = z
  .object({
    traces: z.array(traceId).min(1).max(1000).optional(),
    experiment: whichExperiment.optional().describe('By number or name; with `until`.'),
    until: momentSchema.optional().describe('Only those that began then or before.'),
    most: z.number().int().min(1).optional().describe('At most so many, the oldest.'),
    dry_run: z.boolean().default(false).describe('Only counts.'),
  })
  .refine((body) => (body.traces === undefined) !== (body.experiment === undefined || body.until === undefined), {
    message: 'name traces, or an experiment and a time',
  });

interface TraceServices {
  readonly traces: TraceService;
  readonly runs: RunService;
  readonly experiments: ExperimentService;
}

/** What programs did, request by request: the spans come over OTLP or from MLflow's client. */
export function traceRoutes({ traces, runs, experiments }: TraceServices): readonly Route[] {
  // The default one is made when it is first asked for: nobody need have sent a trace.
  const numberOf = async (which: string): Promise<number> =>
    (which === 'Default' ? await experiments.get(0) : await runs.experiment(which)).id;

  return [
    defineRoute({
      method: 'POST',
      path: '/traces/search',
      operation: 'trace.search',
      summary: 'Finds traces of experiments by their attributes, tags, spans and assessments.',
      body: searchSchema,
      response: pageOf(traceSchema),
      handle: async ({ body: { experiments: asked, filter, order_by, limit, after } }) => {
        const numbers: number[] = [];
        for (const which of asked) numbers.push(await numberOf(which));
        const page = await traces.search({
          experiments: numbers,
          filter: parseFilter(traceSearch, filter),
          orders: parseOrder(traceSearch, order_by),
          limit,
          ...(after === undefined ? {} : { after }),
        });
        return { ...page, items: page.items.map(toTrace) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/traces/:trace',
      operation: 'trace.get',
      summary: 'Gives a trace with its spans, roots first, then as they began.',
      params: oneTrace,
      response: z.object({ trace: traceSchema, spans: z.array(spanSchema) }),
      handle: async ({ params }) => {
        const trace = await traces.get(params.trace);
        return { trace: toTrace(trace), spans: ((await traces.spans([trace.id])).get(trace.id) ?? []).map(toSpan) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/traces/:trace/tags',
      operation: 'trace.tag',
      summary: 'Sets and removes tags of a trace.',
      params: oneTrace,
      body: z.object({ set: textsSchema.default({}), remove: z.array(z.string().max(250)).max(1000).default([]) }),
      response: traceSchema,
      handle: async ({ params, body }) => {
        for (const [key, value] of Object.entries(body.set)) await traces.setTag(params.trace, key, value);
        for (const key of body.remove) await traces.deleteTag(params.trace, key);
        return toTrace(await traces.get(params.trace));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/traces/delete',
      operation: 'trace.delete',
      summary: 'Deletes traces for good, with their spans, assessments and files: by id, or the old ones of an experiment.',
      body: deletionSchema,
      response: z.object({ deleted: z.number().int(), dry_run: z.boolean() }),
      handle: async ({ body: { traces: ids, experiment, until, most, dry_run }, actor }) => {
        const act = dry_run ? traces.count : traces.remove;
        if (ids === undefined) {
          if (experiment === undefined || until === undefined)
            throw fault('invalid_input', { where: 'body', problem: 'name traces, or an experiment and a time.' });
          const removal = { experiment: await numberOf(experiment), until, ...(most === undefined ? {} : { most }) };
          return { deleted: await act(removal, actor), dry_run };
        }
        let deleted = 0;
        for (const [own, found] of Map.groupBy(await traces.many(ids), (trace) => trace.experiment)) {
          deleted += await act({ experiment: own, ids: found.map(({ id }) => id) }, actor);
        }
        return { deleted, dry_run };
      },
    }),
  ];
}

function toTrace(trace: Trace): z.infer<typeof traceSchema> {
  return {
    id: trace.id,
    experiment: trace.experiment,
    name: trace.tags[TRACE_NAME_TAG] ?? '',
    state: trace.state,
    started_at: toTime(trace.startedAt),
    duration_ms: trace.duration,
    request: trace.request,
    response: trace.response,
    client_request_id: trace.clientRequest,
    spans: trace.spans,
    tags: trace.tags,
    metadata: trace.metadata,
    assessments: trace.assessments.map(toAssessment),
  };
}

function toAssessment(one: Assessment): z.infer<typeof assessmentSchema> {
  const { id, span, name, kind, value, error, source, rationale, metadata, overrides, valid } = one;
  return {
    id,
    span,
    name,
    kind,
    value: value as z.infer<typeof jsonSchema>,
    error: error === null ? null : { code: error.code, message: error.message },
    source,
    rationale,
    metadata,
    created_at: toTime(one.createdAt),
    updated_at: toTime(one.updatedAt),
    overrides,
    valid,
  };
}

function toSpan(span: Span): z.infer<typeof spanSchema> {
  const plain = (map: SpanMap): z.infer<typeof jsonObjectSchema> => toPlainValue(map) as z.infer<typeof jsonObjectSchema>;
  return {
    id: span.id,
    parent: span.parent,
    name: span.name,
    status: span.status,
    message: span.message,
    started_at_ns: String(span.startedAt),
    ended_at_ns: span.endedAt === null ? null : String(span.endedAt),
    attributes: plain(span.attributes),
    events: span.events.map(({ name, time, attributes }) => ({ name, time_ns: String(time), attributes: plain(attributes) })),
    links: span.links.map(({ trace, span: id, attributes }) => ({ trace, span: id, attributes: plain(attributes) })),
  };
}
