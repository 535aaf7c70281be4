import { fault } from '../fault/fault.ts';
import { fitsAny } from './policy.ts';
import type { ApprovalRule } from './policy.ts';
import type { ForcedEntry, ModelStage } from './types.ts';

export type StageRequestState = 'pending' | 'granted' | 'refused' | 'withdrawn' | 'expired';

export const stageRequestStates: readonly StageRequestState[] = ['pending', 'granted', 'refused', 'withdrawn', 'expired'];

/** Somebody's wish to move a version, or an alias that means Production, and what became of it. */
export interface StageRequest {
  readonly id: string;
  readonly model: string;
  readonly version: number;
  /** Whose rules apply. */
  readonly stage: ModelStage;
  /** The alias that is to name the version; null when the version is to enter the stage. */
  readonly alias: string | null;
  /** As in a move; null when it was not said. */
  readonly archiveOthers: boolean | null;
  readonly reason: string;
  /** Who overruled the gate, when it had not said PASS. */
  readonly forced: ForcedEntry | null;
  readonly state: StageRequestState;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly expiresAt: number;
  /** Null while it is pending. */
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  /** Why it was granted, refused or withdrawn. */
  readonly note: string;
  readonly revision: number;
}

export type StageDecision = 'grant' | 'refuse' | 'withdraw';

const ends: Readonly<Record<StageDecision, StageRequestState>> = { grant: 'granted', refuse: 'refused', withdraw: 'withdrawn' };

/**
 * The request as somebody's decision leaves it. Approvers grant and refuse, requesters withdraw. `rule` is the one in force now: what a project has taken away from somebody
 * since, he does not have. Throws `stage_request_ended`, `stage_request_denied`.
 */
export function decideRequest(
  request: StageRequest,
  rule: ApprovalRule | undefined,
  { decision, actor, note, now }: { readonly decision: StageDecision; readonly actor: string; readonly note: string; readonly now: number },
): StageRequest {
  const { id, state, requestedBy, expiresAt } = request;
  if (state !== 'pending') throw fault('stage_request_ended', { id, state });
  if (now >= expiresAt) throw fault('stage_request_ended', { id, state: 'expired' });
  const deny = (problem: string): Error => fault('stage_request_denied', { id, actor, problem });
  if (decision === 'withdraw') {
    if (actor !== requestedBy) throw deny(`only ${requestedBy}, who made it, withdraws it; an approver refuses it`);
  } else if (rule !== undefined) {
    if (!fitsAny(rule.approvers, actor)) throw deny(`its approvers are ${rule.approvers.join(', ')}`);
    if (decision === 'grant' && rule.fourEyes && actor === requestedBy)
      throw deny('who made a request does not grant it: the rule asks for two people');
  }
  return { ...request, state: ends[decision], decidedBy: actor, decidedAt: now, note, revision: request.revision + 1 };
}

/** Whether a move that somebody may grant himself needs no second look. */
export function grantsItself(rule: ApprovalRule, actor: string): boolean {
  return !rule.fourEyes && fitsAny(rule.approvers, actor);
}

/** Where a granted move would go, for a sentence: `enter Production`, `be named by alias "champion"`. */
export function describeTarget({ stage, alias }: Pick<StageRequest, 'stage' | 'alias'>): string {
  return alias === null ? `enter ${stage}` : `be named by alias "${alias}"`;
}
