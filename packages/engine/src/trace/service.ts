import {
  MOST_TRACES,
  SOURCE_RUN_KEY,
  SPANS_LOCATION_TAG,
  ARTIFACT_LOCATION_TAG,
  checkTraceId,
  fault,
  tellByClient,
  toExperimentRoot,
  toTraceMetadata,
  toTraceTag,
  toTraceTags,
} from '@pawl/core';
import type { Assessment, Clock, Database, Ids, Page, Span, ToldTrace, Trace, TraceHead, TraceSearch, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';
import { prepareDefault } from '../experiment/experiments.ts';
import { sortSpans, toRecords } from './ingest.ts';
import type { Refusal, SpanBatch } from './ingest.ts';
import { countTraces, removeTraces } from './remove.ts';
import type { TraceRemoval } from './remove.ts';

export interface TracePorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Root URI of experiments that name no location of their own. */
  readonly artifactRoot: string;
}

type Texts = Readonly<Record<string, string>>;

export interface NewTrace extends ToldTrace {
  readonly tags: Texts;
  readonly metadata: Texts;
  readonly assessments: readonly Assessment[];
}

export interface SpanArrival {
  readonly experiment: number;
  /** The run that the traces belong to. */
  readonly run?: string;
  readonly batches: readonly SpanBatch[];
}

export interface TraceService {
  /** Keeps spans, with the traces that they begin; durable when it resolves. Gives what was beyond a limit. Throws `experiment_not_found`, `experiment_deleted`, `run_not_found`, `spans_too_large`. */
  ingest(arrival: SpanArrival): Promise<Refusal | undefined>;
  /** What the client says of a trace, before or after its spans. Throws `experiment_not_found`, `experiment_deleted`, `record_invalid`. */
  tell(trace: NewTrace): Promise<Trace>;
  /** Throws `trace_not_found`. */
  get(id: string): Promise<Trace>;
  /** In the order asked, without those that are not there. Throws `record_invalid` for too many. */
  many(ids: readonly string[]): Promise<readonly Trace[]>;
  spans(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Span[]>>;
  search(request: TraceSearch): Promise<Page<Trace>>;
  /** Roots of the artifacts of these traces, by id. */
  uris(traces: readonly TraceHead[]): Promise<ReadonlyMap<string, string>>;
  /** Throws `trace_not_found`, `trace_tag_kept`, `record_invalid`. */
  setTag(id: string, key: string, value: string): Promise<void>;
  /** Throws `trace_not_found`, `trace_tag_kept`, `trace_tag_not_found`. */
  deleteTag(id: string, key: string): Promise<void>;
  /** Traces that are not there are passed by. Throws `run_not_found`, `record_invalid` for too many. */
  link(run: string, ids: readonly string[]): Promise<void>;
  /** Says which versions of prompts a trace used. Throws `trace_not_found`. */
  linkPrompts(id: string, prompts: readonly string[]): Promise<void>;
  /** How many `remove` would remove; 100,000 at most are counted. Throws `experiment_not_found`. */
  count(removal: TraceRemoval): Promise<number>;
  /** For good, with spans, assessments and files. Gives how many. Throws `experiment_not_found`. */
  remove(removal: TraceRemoval, actor: string): Promise<number>;
}

/** Tags that say where things are: clients would lose them. */
const keptTags: readonly string[] = [SPANS_LOCATION_TAG, ARTIFACT_LOCATION_TAG];

export function createTraceService(ports: TracePorts): TraceService {
  const { database, artifactRoot } = ports;
  const { read } = database;
  const prepared = prepareDefault(ports);

  async function change(id: string, body: (tx: Writers, head: TraceHead) => Promise<void>): Promise<void> {
    await database.transaction(async (tx) => {
      const [head] = await tx.traces.heads([id]);
      if (head === undefined) throw fault('trace_not_found', { id });
      await body(tx, head);
    });
  }

  async function get(id: string): Promise<Trace> {
    const [trace] = await read.traces.many([id]);
    if (trace === undefined) throw fault('trace_not_found', { id });
    return trace;
  }

  return {
    async ingest({ experiment, run, batches }) {
      const { arrivals, refusals } = sortSpans(batches);
      await prepared();
      const later = await database.transaction(async (tx) => {
        await requireActive(tx, experiment);
        if (run !== undefined) await requireRun(tx, run);
        const { records, refusals: more } = await toRecords(tx.traces, experiment, arrivals, run === undefined ? [] : [run]);
        await tx.traces.record(records);
        return more;
      });
      const all = [...refusals, ...later];
      return all[0] === undefined ? undefined : { count: all.length, problem: all[0] };
    },
    async tell({ tags, metadata, assessments, ...told }) {
      checkTraceId(told.id);
      await prepared();
      const run = metadata[SOURCE_RUN_KEY];
      return database.transaction(async (tx) => {
        await requireActive(tx, told.experiment);
        const [before] = await tx.traces.heads([told.id]);
        await tx.traces.record([
          {
            head: tellByClient(before, told),
            tags: withoutKept(toTraceTags(tags)),
            metadata: toTraceMetadata(metadata),
            assessments,
            runs: run === undefined || run === '' ? [] : [run],
          },
        ]);
        const [trace] = await tx.traces.many([told.id]);
        return trace as Trace;
      });
    },
    get,
    async many(ids) {
      requireFew(ids);
      return read.traces.many(ids);
    },
    spans: (ids) => read.traces.spans(ids),
    search: (request) => read.traces.search(request),
    async uris(traces) {
      const experiments = new Map<number, string>();
      for (const { experiment } of traces) {
        if (experiments.has(experiment)) continue;
        const found = await read.experiments.get(experiment);
        experiments.set(experiment, toExperimentRoot(artifactRoot, experiment, found?.artifactLocation ?? null));
      }
      return new Map(traces.map(({ id, experiment }) => [id, `${experiments.get(experiment)}/traces/${id}/artifacts`]));
    },
    async setTag(id, key, value) {
      const tag = toTraceTag(key, value);
      if (keptTags.includes(key)) throw fault('trace_tag_kept', { key });
      await change(id, (tx, head) => tx.traces.record([{ head, tags: Object.fromEntries([tag]) }]));
    },
    async deleteTag(id, key) {
      if (keptTags.includes(key)) throw fault('trace_tag_kept', { key });
      await change(id, async (tx) => {
        if (!(await tx.traces.deleteTag(id, key))) throw fault('trace_tag_not_found', { trace: id, key });
      });
    },
    async link(run, ids) {
      requireFew(ids);
      await database.transaction(async (tx) => {
        await requireRun(tx, run);
        const heads = await tx.traces.heads([...new Set(ids)]);
        await tx.traces.record(heads.map((head) => ({ head, runs: [run] })));
      });
    },
    async linkPrompts(id, prompts) {
      requireFew(prompts);
      await change(id, (tx, head) => tx.traces.record([{ head, prompts }]));
    },
    count: (removal) => countTraces(ports, removal),
    async remove(removal, actor) {
      const count = await removeTraces(ports, removal);
      if (count > 0) {
        const data = { experiment: removal.experiment, count };
        const event = toEvent(ports, 'trace.deleted', `experiment/${removal.experiment}`, actor, data);
        await database.transaction((tx) => tx.events.append([event]));
      }
      return count;
    },
  };
}

async function requireActive(tx: Pick<Writers, 'experiments'>, id: number): Promise<void> {
  const experiment = await tx.experiments.get(id);
  if (experiment === undefined) throw fault('experiment_not_found', { name: String(id) });
  if (experiment.lifecycle === 'deleted') throw fault('experiment_deleted', { id });
}

async function requireRun(tx: Pick<Writers, 'runs'>, id: string): Promise<void> {
  if ((await tx.runs.head(id)) === undefined) throw fault('run_not_found', { id });
}

function requireFew(items: readonly string[]): void {
  if (items.length > MOST_TRACES) {
    throw fault('record_invalid', { problem: `A request may name at most ${MOST_TRACES} traces or prompts. Got ${items.length}.` });
  }
}

function withoutKept(tags: Texts): Texts {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keptTags.includes(key)));
}
