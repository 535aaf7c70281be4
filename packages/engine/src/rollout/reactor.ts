import { isFault } from '@pawl/core';
import type { Database, Event, Hash, Log } from '@pawl/core';
import type { GateService } from '../gate/service.ts';
import type { StageService } from '../model/stages.ts';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import type { RolloutService } from './service.ts';

export interface RolloutReactorPorts {
  readonly database: Database;
  readonly log: Log;
  readonly hash: Hash;
  readonly gates: GateService;
  readonly rollouts: RolloutService;
  readonly stages: StageService;
}

/**
 * A version that its gate let through, or that a person forced, starts on its way to each endpoint that takes it by itself; where the model's rules ask for approval, the
 * request is made, and the grant starts it. A PASS against a version that has been replaced since lets nobody through: the gate is asked again.
 */
export function createRolloutReactor(ports: RolloutReactorPorts): Loop {
  const { database, log, hash, gates, rollouts, stages } = ports;

  /** Waits on nobody: what a person must mend is logged, and what the gate must say again is asked. */
  const refused = async (error: unknown, event: Event, fields: object): Promise<void> => {
    if (!isFault(error) || error.kind !== 'user') throw error;
    const { model, candidate } = subjectOf(event);
    const latest = await database.read.gates.latest(model, candidate);
    const replaced = error.code === 'rollout_needs_gate' || error.code === 'model_not_gated';
    if (replaced && latest?.verdict === 'PASS' && latest.id === event.data['decision']) {
      await gates.decide({ id: idOf(`${event.id} again`), model, candidate, actor: 'system:gate' });
      return;
    }
    log.warn({ ...fields, code: error.code, problem: error.message }, 'a version could not go on its way to Production');
  };

  const idOf = (text: string): string => hash(text).slice(7, 39);

  const ask = async (event: Event): Promise<void> => {
    const { model, candidate } = subjectOf(event);
    const forced = event.type === 'gate.forced';
    const reason = forced ? `its gate was forced: ${event.data['reason'] as string}` : 'its gate said PASS';
    const actor = forced ? event.actor : 'system:rollout';
    await stages
      .move({ model, version: candidate, stage: 'Production', reason, actor })
      .catch((error: unknown) => refused(error, event, { model, candidate }));
  };

  return createReactor(ports, {
    name: 'rollout',
    types: ['gate.decided', 'gate.forced'],
    async handle(event) {
      if (event.type === 'gate.decided' && event.data['verdict'] !== 'PASS') return undefined;
      const { model, candidate } = subjectOf(event);
      const specs = (await rollouts.specs()).filter((spec) => spec.model === model && spec.automatic);
      if (specs.length > 0 && (await stages.policy(model))?.approvals.Production !== undefined) await ask(event);
      else
        for (const { endpoint } of specs) {
          const actor = event.type === 'gate.forced' ? event.actor : 'system:rollout';
          // One rollout an event and endpoint, whatever is retried.
          const id = idOf(`${event.id} ${endpoint}`);
          await rollouts.start({ id, endpoint, candidate, actor }).catch((error: unknown) => refused(error, event, { endpoint }));
        }
      return undefined;
    },
  });
}

function subjectOf({ data }: Event): { readonly model: string; readonly candidate: number } {
  return { model: data['model'] as string, candidate: Number(data['candidate']) };
}
