import type { Page } from '../ports/page.ts';
import type { TraceSearch } from './search.ts';
import type { Assessment, Span, Trace, TraceHead } from './types.ts';

type Texts = Readonly<Record<string, string>>;

/** Which traces of an experiment are to go. */
export interface TraceSelection {
  readonly experiment: number;
  readonly ids?: readonly string[];
  /** Only those that began at this time or before. */
  readonly until?: number;
  readonly limit: number;
}

/** All that one write says of a trace. What is absent stays as it is. */
export interface TraceRecord {
  /** Written whole; `spans` is counted by the store. */
  readonly head: TraceHead;
  /** The last value of a key wins. */
  readonly tags?: Texts;
  /** The first value of a key stays. */
  readonly tagsUnlessSet?: Texts;
  readonly metadata?: Texts;
  readonly metadataUnlessSet?: Texts;
  /** Sent again, a span replaces the one before. */
  readonly spans?: readonly Span[];
  /** By id, as spans. */
  readonly assessments?: readonly Assessment[];
  /** Runs that it belongs to, beside those that it has. */
  readonly runs?: readonly string[];
  /** Versions of prompts that it used, `<name>/<version>`. */
  readonly prompts?: readonly string[];
}

export interface TraceReader {
  /** In no order; without those that are not there. */
  heads(ids: readonly string[]): Promise<readonly TraceHead[]>;
  /** In the order asked, each once; without those that are not there. */
  many(ids: readonly string[]): Promise<readonly Trace[]>;
  /** All spans of these traces: by trace, roots first, then by start. */
  spans(ids: readonly string[]): Promise<ReadonlyMap<string, readonly Span[]>>;
  /** By the orders asked, then newest first, then by id. Throws `invalid_cursor`. */
  search(request: TraceSearch): Promise<Page<Trace>>;
  /** Ids, oldest first. */
  select(selection: TraceSelection): Promise<readonly string[]>;
}

export interface TraceStore extends TraceReader {
  record(records: readonly TraceRecord[]): Promise<void>;
  /** False when there was none. */
  deleteTag(trace: string, key: string): Promise<boolean>;
  deleteAssessment(trace: string, id: string): Promise<void>;
  /** For good, with all that belongs to them. */
  remove(ids: readonly string[]): Promise<void>;
}
