import { decideRequest, fault, grantsItself } from '@pawl/core';
import type { ApprovalReader, ApprovalRule, Clock, EventType, Ids, JsonObject, StageDecision, StageRequest, Writers } from '@pawl/core';
import { Conflict, expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';

type Ports = { readonly clock: Clock; readonly ids: Ids };

export type WantedMove = Pick<
  StageRequest,
  'model' | 'version' | 'stage' | 'alias' | 'archiveOthers' | 'reason' | 'forced' | 'requestedBy'
>;

const DECIDED: Readonly<Record<StageDecision | 'expire', EventType>> = {
  grant: 'model.move_granted',
  refuse: 'model.move_refused',
  withdraw: 'model.move_withdrawn',
  expire: 'model.move_expired',
};

/** The pending request for this very move, made when there is none: who asks twice has asked once. Throws `Conflict` when another was faster. */
export async function askFor(ports: Ports, tx: Writers, rule: ApprovalRule, wanted: WantedMove): Promise<StageRequest> {
  const now = ports.clock.now();
  const pending = await pendingOf(tx, wanted.model, wanted.version);
  const same = pending.find((one) => one.stage === wanted.stage && one.alias === wanted.alias);
  if (same !== undefined && now < same.expiresAt) return same;
  if (same !== undefined) await expire(ports, tx, same);
  const own = grantsItself(rule, wanted.requestedBy);
  const request: StageRequest = {
    ...wanted,
    id: ports.ids.next(),
    state: own ? 'granted' : 'pending',
    requestedAt: now,
    expiresAt: now + rule.expiresMs,
    decidedBy: own ? wanted.requestedBy : null,
    decidedAt: own ? now : null,
    note: '',
    revision: 1,
  };
  if (!(await tx.approvals.insertRequest(request))) throw new Conflict();
  await tell(ports, tx, 'model.move_requested', request, wanted.requestedBy);
  if (own) await tell(ports, tx, DECIDED.grant, request, wanted.requestedBy);
  return request;
}

/** Writes a decision. Throws `stage_request_ended`, `stage_request_denied`; `Conflict` when another decided first. */
export async function decide(
  ports: Ports,
  tx: Writers,
  request: StageRequest,
  { decision, actor, note }: { readonly decision: StageDecision; readonly actor: string; readonly note: string },
): Promise<StageRequest> {
  const rule = (await tx.approvals.policy(request.model))?.approvals[request.stage];
  const decided = decideRequest(request, rule, { decision, actor, note, now: ports.clock.now() });
  expectWon(await tx.approvals.updateRequest(decided, request.revision));
  await tell(ports, tx, DECIDED[decision], decided, actor);
  return decided;
}

export async function expire(ports: Ports, tx: Writers, request: StageRequest): Promise<void> {
  const over: StageRequest = { ...request, state: 'expired', decidedAt: ports.clock.now(), revision: request.revision + 1 };
  expectWon(await tx.approvals.updateRequest(over, request.revision));
  await tell(ports, tx, DECIDED.expire, over, 'system:approval');
}

/** Ends what waits for a version that is going away. */
export async function withdrawAll(ports: Ports, tx: Writers, model: string, version: number, note: string, actor: string): Promise<void> {
  for (const request of await pendingOf(tx, model, version)) {
    const over: StageRequest = {
      ...request,
      state: 'withdrawn',
      decidedBy: actor,
      decidedAt: ports.clock.now(),
      note,
      revision: request.revision + 1,
    };
    expectWon(await tx.approvals.updateRequest(over, request.revision));
    await tell(ports, tx, DECIDED.withdraw, over, actor);
  }
}

export async function findRequest(tx: { readonly approvals: ApprovalReader }, id: string): Promise<StageRequest> {
  const request = await tx.approvals.request(id);
  if (request === undefined) throw fault('stage_request_not_found', { id });
  return request;
}

async function pendingOf(tx: Writers, model: string, version: number): Promise<readonly StageRequest[]> {
  // One per stage and alias at most.
  return (await tx.approvals.requests({ model, version, state: 'pending' }, { limit: 1000 })).items;
}

async function tell(ports: Ports, tx: Writers, type: EventType, request: StageRequest, actor: string): Promise<void> {
  const { id, model, version, stage, alias, reason, forced, note, requestedBy, expiresAt } = request;
  const data: JsonObject = {
    request: id,
    model,
    version,
    stage,
    alias,
    reason,
    forced: forced === null ? null : { ...forced },
    requested_by: requestedBy,
    expires_at: expiresAt,
    note,
  };
  await tx.events.append([toEvent(ports, type, `model/${model}/${version}`, actor, data)]);
}
