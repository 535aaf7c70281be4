import { isFault } from '@pawl/core';
import type { Database, Log } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import type { GateService } from './service.ts';

/** A version registered under a gated model is judged at once. */
export function createGateReactor(ports: { readonly database: Database; readonly log: Log; readonly gates: GateService }): Loop {
  return createReactor(ports, {
    name: 'gate',
    types: ['model.version_registered'],
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
