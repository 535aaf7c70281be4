import type { Page, PageRequest } from '../ports/page.ts';
import type { Event, EventType, NewEvent } from './types.ts';

export interface EventFilter {
  readonly types?: readonly EventType[];
  /** Exact subject, or a prefix ending in `/`. */
  readonly subject?: string;
  /** Only events after this sequence number. */
  readonly afterSeq?: number;
}

export interface EventReader {
  /** Oldest first. */
  after(seq: number, limit: number): Promise<readonly Event[]>;
  /** Oldest first, paged by seq. */
  list(filter: EventFilter, page: PageRequest): Promise<Page<Event>>;
  /** Newest event of the filter. */
  latest(filter: EventFilter): Promise<Event | undefined>;
  /** Where a reactor stands; 0 before its first event. */
  cursor(reactor: string): Promise<number>;
}

export interface EventStore extends EventReader {
  append(events: readonly NewEvent[]): Promise<void>;
  /** Compare-and-set of a reactor's cursor; false when somebody else moved it. */
  moveCursor(reactor: string, from: number, to: number): Promise<boolean>;
}
