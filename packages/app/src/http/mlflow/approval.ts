import { describeTarget, fault } from '@pawl/core';
import type { MoveOutcome, StageService } from '@pawl/engine';

/**
 * MLflow's calls answer 200 only when what they asked for has happened: a script that read its answer as done would go on as if the version were in place. What waits for an
 * approver, or is on its way by rollout, is refused with the name of what was begun; asking again begins nothing more. 403 is not tried again by MLflow's client.
 */
export async function requireDone(stages: StageService, { version, request, rollouts }: MoveOutcome): Promise<void> {
  const { model: name, version: number } = version;
  if (request?.state === 'pending') {
    const rule = (await stages.policy(name))?.approvals[request.stage];
    throw fault('model_needs_approval', {
      name,
      version: number,
      target: describeTarget(request),
      request: request.id,
      approvers: rule?.approvers.join(' or ') ?? 'An approver',
    });
  }
  if (rollouts.length > 0) {
    const endpoints = rollouts.map((rollout) => `endpoint "${rollout.endpoint}"`).join(' and ');
    throw fault('model_rollout_begun', { name, version: number, endpoints });
  }
}
