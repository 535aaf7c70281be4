import { concernsTrigger, toEventContent, triggerEvents } from '@pawl/core';
import type { Log } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import { arrive } from './arrive.ts';
import type { TriggerPorts } from './ports.ts';

/** Every event that concerns a trigger reaches it once, in the transaction that moves the cursor; what becomes of it the starter decides. */
export function createTriggerReactor(ports: TriggerPorts & { readonly log: Log }): Loop {
  let took = false;
  const reactor = createReactor(ports, {
    name: 'trigger',
    types: triggerEvents,
    async handle(event) {
      const concerned = (await ports.database.read.triggers.list()).flatMap((spec) => {
        const note = concernsTrigger(spec.on, event);
        return note === undefined ? [] : [{ spec, note }];
      });
      if (concerned.length === 0) return undefined;
      took = true;
      return async (tx) => {
        for (const { spec, note } of concerned)
          await arrive(tx, ports, spec, { event: event.id, key: event.id, note, content: toEventContent(event) });
      };
    },
  });
  return {
    ...reactor,
    async tick() {
      took = false;
      // What arrived is no event of its own: only so does the starter look at once.
      return (await reactor.tick()) || took;
    },
  };
}
