// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { GcRun } from './types.ts';

export interface GcGetInput {
  readonly id: string;
}

export interface GcListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface GcList {
  readonly items: readonly GcRun[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface GcStartInput {
  /** What was deleted at least this long ago goes. */
  readonly older_than_ms?: number | undefined;
  /** Content that was sent or asked for within this time stays. */
  readonly grace_ms?: number | undefined;
  readonly dry_run?: boolean | undefined;
}

export interface GcClient {
  /** Shows a collection, also while it is under way. */
  get(input: GcGetInput, options?: CallOptions): Promise<GcRun>;
  /** Lists collections, newest first. */
  list(input?: GcListInput, options?: CallOptions): Promise<GcList>;
  /** Starts to remove for good what was deleted and what nothing refers to; ask for it by its id until it has ended. */
  start(input?: GcStartInput, options?: CallOptions): Promise<GcRun>;
}

export function createGcClient(send: Send): GcClient {
  return {
    get: ({ id }, options) => send({ method: 'GET', path: `/gc/${encodeURIComponent(id)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/gc', query, options }),
    start: (body = {}, options) => send({ method: 'POST', path: '/gc', body, options }),
  };
}
