import type { Page, PageRequest } from '../ports/page.ts';
import type { Endpoint, Rollout, RolloutMetric, RolloutSpec } from './types.ts';

export interface RolloutFilter {
  readonly endpoint?: string;
  readonly model?: string;
  readonly candidate?: number;
}

export interface RolloutReader {
  endpoint(name: string): Promise<Endpoint | undefined>;
  endpoints(): Promise<readonly Endpoint[]>;
  spec(endpoint: string): Promise<RolloutSpec | undefined>;
  get(id: string): Promise<Rollout | undefined>;
  /** Newest first. */
  list(filter: RolloutFilter, page: PageRequest): Promise<Page<Rollout>>;
}

export interface RolloutStore extends RolloutReader {
  putSpec(spec: RolloutSpec): Promise<void>;
  /** Inserts, or compare-and-sets on `expectedRevision`; false when somebody else changed it. */
  putEndpoint(endpoint: Endpoint, expectedRevision: number | null): Promise<boolean>;
  /** False when the id is there. */
  insert(rollout: Rollout): Promise<boolean>;
  /** Compare-and-set on `revision`. */
  update(rollout: Rollout, expectedRevision: number): Promise<boolean>;
  /** Marks units as counted for one metric of one rollout; returns those that were new. */
  countUnits(rollout: string, metric: RolloutMetric, units: readonly string[]): Promise<readonly string[]>;
}
