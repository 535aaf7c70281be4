// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { Event } from './types.ts';

export interface EventListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly types?: string | undefined;
  /** Exact, or a prefix that ends in "/". */
  readonly subject?: string | undefined;
  /** Only events after this number. */
  readonly after_seq?: number | undefined;
}

export interface EventList {
  readonly items: readonly Event[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface EventClient {
  /** Lists what happened, oldest first. */
  list(input?: EventListInput, options?: CallOptions): Promise<EventList>;
}

export function createEventClient(send: Send): EventClient {
  return {
    list: (query, options) => send({ method: 'GET', path: '/events', query, options }),
  };
}
