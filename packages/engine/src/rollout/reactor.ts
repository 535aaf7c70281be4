import { isFault } from '@pawl/core';
import type { Database, Hash, Log } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import type { RolloutService } from './service.ts';

/** A version that its gate let through, or that a person forced, starts on its way to each endpoint that takes it by itself. */
export function createRolloutReactor(ports: {
  readonly database: Database;
  readonly log: Log;
  readonly hash: Hash;
  readonly rollouts: RolloutService;
}): Loop {
  return createReactor(ports, {
    name: 'rollout',
    types: ['gate.decided', 'gate.forced'],
    async handle(event) {
      if (event.type === 'gate.decided' && event.data['verdict'] !== 'PASS') return undefined;
      for (const spec of await ports.rollouts.specs()) {
        if (spec.model !== event.data['model'] || !spec.automatic) continue;
        const actor = event.type === 'gate.forced' ? event.actor : 'system:rollout';
        try {
          // One rollout an event and endpoint, whatever is retried.
          const id = ports.hash(`${event.id} ${spec.endpoint}`).slice(7, 39);
          await ports.rollouts.start({ id, endpoint: spec.endpoint, candidate: Number(event.data['candidate']), actor });
        } catch (error) {
          if (!isFault(error) || error.kind !== 'user') throw error;
          ports.log.warn({ endpoint: spec.endpoint, code: error.code, problem: error.message }, 'a rollout could not start');
        }
      }
      return undefined;
    },
  });
}
