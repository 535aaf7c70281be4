import type { Clock, EventType, Ids, JsonObject, NewEvent } from '@pawl/core';

/** An event row, to be appended in the transaction whose effect it tells. */
export function toEvent(
  ports: { readonly clock: Clock; readonly ids: Ids },
  type: EventType,
  subject: string,
  actor: string,
  data: JsonObject,
): NewEvent {
  return { id: ports.ids.next(), type, subject, actor, time: ports.clock.now(), data };
}
