import { isFault } from '@pawl/core';
import type { Clock, Database, Log } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import type { CheckService } from './service.ts';

export interface CheckReactorPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly checks: CheckService;
  /** Names this process: judging reads tables, so one process of a database does it. */
  readonly holder: string;
}

/** A new version is judged at once by the suites of its dataset that do so unasked. */
export function createCheckReactor(ports: CheckReactorPorts): Loop {
  return createReactor(ports, {
    name: 'check',
    types: ['dataset.version_created'],
    exclusive: { holder: ports.holder, clock: ports.clock },
    async handle(event) {
      const ref = { dataset: event.data['dataset'] as string, version: Number(event.data['version']) };
      try {
        await ports.checks.judgeUnasked(ref);
      } catch (error) {
        // What cannot be read stays so at every retry: it is told, and later versions are not held up.
        if (!isFault(error) || error.kind !== 'user') throw error;
        ports.log.warn({ ...ref, code: error.code, problem: error.message }, 'a version could not be judged');
      }
      return undefined;
    },
  });
}
