import type { Page, PageRequest } from '../ports/page.ts';
import type { ModelPolicy } from './policy.ts';
import type { StageRequest, StageRequestState } from './request.ts';

export interface StageRequestFilter {
  readonly model?: string;
  readonly version?: number;
  readonly state?: StageRequestState;
}

/** Rules of governed models, and the requests that they ask for. */
export interface ApprovalReader {
  policy(model: string): Promise<ModelPolicy | undefined>;
  /** By model. */
  policies(): Promise<readonly ModelPolicy[]>;
  request(id: string): Promise<StageRequest | undefined>;
  /** Newest first. */
  requests(filter: StageRequestFilter, page: PageRequest): Promise<Page<StageRequest>>;
  /** Pending ones whose time is over at `now`, the longest over first. */
  overdue(now: number, limit: number): Promise<readonly StageRequest[]>;
}

export interface ApprovalStore extends ApprovalReader {
  putPolicy(policy: ModelPolicy): Promise<void>;
  /** False when the id is there, or one for the same move is pending. */
  insertRequest(request: StageRequest): Promise<boolean>;
  /** Compare-and-set on `revision`. */
  updateRequest(request: StageRequest, expectedRevision: number): Promise<boolean>;
}
