import type { Clock, EventType, Experiment, Ids, JsonObject, NewEvent } from '@pawl/core';
import { toEvent } from '../event.ts';

export interface ExperimentEventPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** An event about an experiment, by its number and name. */
export function toExperimentEvent(
  ports: ExperimentEventPorts,
  type: EventType,
  { id, name }: Pick<Experiment, 'id' | 'name'>,
  actor: string,
  more: JsonObject = {},
): NewEvent {
  return toEvent(ports, type, `experiment/${id}`, actor, { experiment: id, name, ...more });
}
