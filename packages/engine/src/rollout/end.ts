import type { Clock, Database, EventType, Ids, Rollout, Verdict, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';
import type { ModelService } from '../model/service.ts';

export interface RolloutEnd {
  readonly state: 'promoted' | 'rolled_back' | 'superseded';
  readonly verdict: Verdict;
  readonly reason: string;
  readonly actor: string;
}

const EVENTS: Readonly<Record<RolloutEnd['state'], EventType>> = {
  promoted: 'rollout.promoted',
  rolled_back: 'rollout.rolled_back',
  superseded: 'rollout.superseded',
};

/**
 * Ends a rollout and moves its endpoint's traffic in the same transaction: to the candidate when promoted, back to stable otherwise. Rolling back asks nothing of the candidate.
 */
export async function endRollout(
  ports: { readonly database: Database; readonly models: ModelService; readonly clock: Clock; readonly ids: Ids },
  tx: Writers,
  rollout: Rollout,
  end: RolloutEnd,
): Promise<Rollout> {
  const ended: Rollout = {
    ...rollout,
    state: end.state,
    verdict: end.verdict,
    reason: end.reason,
    endedAt: ports.clock.now(),
    revision: rollout.revision + 1,
  };
  expectWon(await tx.rollouts.update(ended, rollout.revision));
  const endpoint = await tx.rollouts.endpoint(rollout.endpoint);
  if (endpoint !== undefined && endpoint.rollout === rollout.id) {
    const stable = end.state === 'promoted' ? rollout.candidate : endpoint.stable;
    expectWon(await tx.rollouts.putEndpoint({ ...endpoint, stable, rollout: null, revision: endpoint.revision + 1 }, endpoint.revision));
  }
  if (end.state === 'promoted' || !(await answersElsewhere(tx, rollout))) {
    await ports.models.setStage(tx, {
      model: rollout.model,
      version: rollout.candidate,
      stage: end.state === 'promoted' ? 'Production' : 'Archived',
      replaces: rollout.stable,
      reason: `rollout ${rollout.id}: ${end.reason}`,
      actor: end.actor,
    });
  }
  await tx.events.append([
    toEvent(ports, EVENTS[end.state], `rollout/${rollout.id}`, end.actor, {
      rollout: rollout.id,
      endpoint: rollout.endpoint,
      model: rollout.model,
      candidate: rollout.candidate,
      stable: rollout.stable,
      verdict: end.verdict,
      reason: end.reason,
    }),
  ]);
  return ended;
}

/** Whether the candidate is what another endpoint answers with: then it keeps its stage, whatever becomes of it here. */
export async function answersElsewhere(tx: Writers, rollout: Rollout): Promise<boolean> {
  const endpoints = await tx.rollouts.endpoints();
  return endpoints.some((one) => one.name !== rollout.endpoint && one.model === rollout.model && one.stable === rollout.candidate);
}
