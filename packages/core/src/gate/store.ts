import type { Page, PageRequest } from '../ports/page.ts';
import type { GateDecision, GateForce, GateSpec } from './types.ts';

export interface GateReader {
  spec(model: string): Promise<GateSpec | undefined>;
  specs(): Promise<readonly GateSpec[]>;
  decision(id: string): Promise<GateDecision | undefined>;
  /** Newest decision on a candidate. */
  latest(model: string, candidate: number): Promise<GateDecision | undefined>;
  /** Newest first. */
  list(model: string | undefined, page: PageRequest): Promise<Page<GateDecision>>;
}

export interface GateStore extends GateReader {
  putSpec(spec: GateSpec): Promise<void>;
  /** False when the id is there. */
  insert(decision: GateDecision): Promise<boolean>;
  setForced(id: string, force: GateForce): Promise<void>;
}
