import type { Clock, Ids, NewEvent, Task } from '@pawl/core';
import { toEvent } from '../event.ts';

export interface MovePorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

export function toTaskEvent(ports: MovePorts, task: Task, actor: string): NewEvent {
  const outputs = Object.fromEntries(
    Object.entries(task.outputs).map(([name, { manifest, dataset }]) => [name, { manifest, dataset: dataset && { ...dataset } }]),
  );
  const { run, step, index, state, attempt, error } = task;
  return toEvent(ports, 'task.changed', `task/${task.id}`, actor, {
    run,
    step,
    ...(index === null ? {} : { index }),
    state,
    attempt,
    ...(error === null ? {} : { error }),
    outputs,
  });
}
