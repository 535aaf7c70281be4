import type { Clock, Ids, Run, RunStatus, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';

interface EventPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Adds a running run under the experiment of that name (made when it is not there), with its event. */
export async function openRun(
  tx: Writers,
  ports: EventPorts,
  experiment: string,
  run: Omit<Run, 'experiment' | 'status' | 'endedAt'>,
  actor: string,
): Promise<Run> {
  const { id } = await tx.experiments.ensure(experiment, run.startedAt);
  const row: Run = { ...run, experiment: id, status: 'running', endedAt: null };
  await tx.runs.insert(row);
  await tx.events.append([toEvent(ports, 'run.created', `run/${run.id}`, actor, { run: run.id, experiment, name: run.name })]);
  return row;
}

/** Ends a run, with its event; false when it had ended. */
export async function endRun(
  tx: Writers,
  ports: EventPorts,
  id: string,
  status: Exclude<RunStatus, 'running'>,
  actor: string,
): Promise<boolean> {
  if (!(await tx.runs.end(id, status, ports.clock.now()))) return false;
  await tx.events.append([toEvent(ports, 'run.ended', `run/${id}`, actor, { run: id, status })]);
  return true;
}
