import { isFault } from '@pawl/core';
import type { Clock, Database, Log } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import type { GateService } from './service.ts';

export interface GateReactorPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly gates: GateService;
  /** Names this process: judging runs models, so one process of a database does it. */
  readonly holder: string;
}

/** A version registered under a gated model is judged at once. */
export function createGateReactor(ports: GateReactorPorts): Loop {
  return createReactor(ports, {
    name: 'gate',
    types: ['model.version_registered'],
    exclusive: { holder: ports.holder, clock: ports.clock },
    async handle(event) {
      const model = event.data['model'] as string;
      const candidate = Number(event.data['version']);
      if ((await ports.database.read.gates.spec(model)) === undefined) return undefined;
      try {
        await ports.gates.decide({ id: event.id, model, candidate, actor: 'system:gate' });
      } catch (error) {
        // The caller's mistake stays a mistake at every retry: it is told, and later versions are not held up.
        if (!isFault(error) || error.kind !== 'user') throw error;
        ports.log.warn({ model, version: candidate, code: error.code, problem: error.message }, 'a version could not be judged');
      }
      return undefined;
    },
  });
}
