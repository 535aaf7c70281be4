import { isFinal, nextTask } from '@pawl/core';
import type { Task, TaskEvent, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { Advance } from './advance.ts';
import type { AdvancePorts } from './advance.ts';
import { toTaskEvent } from './events.ts';

export type MovePorts = AdvancePorts;

/**
 * Moves a task inside a transaction, with all that follows: its downstream counts down or is blocked, and the run ends with its last task. Returns the
 * task, or undefined when the event may not happen to it any more (an older fence, a final state): then nothing was written. Throws Conflict.
 */
export async function moveTask(tx: Writers, ports: MovePorts, id: string, event: TaskEvent, actor: string): Promise<Task | undefined> {
  const stored = await tx.tasks.get(id);
  const task = stored && nextTask(stored, event, ports.clock.now());
  if (stored === undefined || task === undefined) return undefined;
  expectWon(await tx.tasks.update(task, stored.revision));
  if (event.type === 'renew') return task;
  await tx.events.append([toTaskEvent(ports, task, actor)]);
  if (!isFinal(task.state)) return task;
  // Transactions are serializable: of two tasks that end at once, the later one sees the other's end.
  const run = await tx.pipelines.run(task.run);
  if (run === undefined) return task;
  const advance = new Advance(tx, ports, run, actor);
  advance.note(task);
  await advance.settle();
  return task;
}
