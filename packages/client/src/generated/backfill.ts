// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';

export interface BackfillAskInput {
  readonly pipeline: string;
  readonly from: string;
  readonly to: string;
  readonly partition?: 'hourly' | 'daily' | 'weekly' | 'monthly' | undefined;
  readonly timezone?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Runs at once. */
  readonly concurrency?: number | undefined;
  readonly order?: 'oldest' | 'newest' | undefined;
  /** Runs what succeeded before again. */
  readonly force?: boolean | undefined;
  /** Tells one request from another of the same. */
  readonly key?: string | undefined;
  readonly dry_run?: boolean | undefined;
}

export interface BackfillAsk {
  readonly created: boolean;
  /** Absent in a dry run. */
  readonly status: BackfillGet | null;
  /** Of a dry run. */
  readonly partitions: readonly {
    readonly name: string;
    readonly start: string;
    readonly end: string;
  }[];
}

export interface BackfillCancelInput {
  readonly backfill: string;
}

export interface BackfillGet {
  readonly backfill: BackfillListItem;
  /** Partitions by state. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface BackfillGetInput {
  readonly backfill: string;
}

export interface BackfillListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly pipeline?: string | undefined;
  readonly state?: 'running' | 'paused' | 'canceled' | 'ended' | undefined;
}

export interface BackfillListItem {
  readonly id: string;
  readonly pipeline: string;
  /** Of the definition it runs by. */
  readonly digest: string;
  readonly partition: 'hourly' | 'daily' | 'weekly' | 'monthly';
  readonly timezone: string;
  readonly from: string;
  readonly to: string;
  readonly params: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly order: 'oldest' | 'newest';
  readonly force: boolean;
  readonly state: 'running' | 'paused' | 'canceled' | 'ended';
  readonly actor: string;
  readonly created_at: string;
  readonly ended_at: string | null;
}

export interface BackfillList {
  readonly items: readonly BackfillListItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface BackfillPartitionsInput {
  readonly backfill: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface BackfillPartitionsItem {
  readonly name: string;
  readonly start: string;
  readonly end: string;
  /** skipped: a run of this definition succeeded before. */
  readonly state: 'waiting' | 'skipped' | 'refused' | 'running' | 'succeeded' | 'failed' | 'canceled';
  readonly run: string | null;
  readonly reason: string;
}

export interface BackfillPartitions {
  readonly items: readonly BackfillPartitionsItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface BackfillPauseInput {
  readonly backfill: string;
}

export interface BackfillResumeInput {
  readonly backfill: string;
}

export interface BackfillClient {
  /** Runs a pipeline over the partitions of a range. The same request gives the same backfill. */
  ask(input: BackfillAskInput, options?: CallOptions): Promise<BackfillAsk>;
  /** Starts no further run, and stops those under way. */
  cancel(input: BackfillCancelInput, options?: CallOptions): Promise<BackfillGet>;
  /** Shows a backfill and how far it is. */
  get(input: BackfillGetInput, options?: CallOptions): Promise<BackfillGet>;
  /** Lists backfills, newest first. */
  list(input?: BackfillListInput, options?: CallOptions): Promise<BackfillList>;
  /** Lists the partitions of a backfill in the order in which they start. */
  partitions(input: BackfillPartitionsInput, options?: CallOptions): Promise<BackfillPartitions>;
  /** Starts no further run; those under way go on. */
  pause(input: BackfillPauseInput, options?: CallOptions): Promise<BackfillGet>;
  /** Goes on, and runs what failed, was canceled or was refused again. */
  resume(input: BackfillResumeInput, options?: CallOptions): Promise<BackfillGet>;
}

export function createBackfillClient(send: Send): BackfillClient {
  return {
    ask: ({ pipeline, ...body }, options) =>
      send({ method: 'POST', path: `/pipelines/${encodeURIComponent(pipeline)}/backfills`, body, options }),
    cancel: ({ backfill }, options) => send({ method: 'POST', path: `/backfills/${encodeURIComponent(backfill)}/cancel`, options }),
    get: ({ backfill }, options) => send({ method: 'GET', path: `/backfills/${encodeURIComponent(backfill)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/backfills', query, options }),
    partitions: ({ backfill, ...query }, options) =>
      send({ method: 'GET', path: `/backfills/${encodeURIComponent(backfill)}/partitions`, query, options }),
    pause: ({ backfill }, options) => send({ method: 'POST', path: `/backfills/${encodeURIComponent(backfill)}/pause`, options }),
    resume: ({ backfill }, options) => send({ method: 'POST', path: `/backfills/${encodeURIComponent(backfill)}/resume`, options }),
  };
}
