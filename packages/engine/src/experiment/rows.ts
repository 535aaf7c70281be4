import { PROXY_ROOT, fault, toExperimentRoot, toRunUri } from '@pawl/core';
import type { Clock, Experiment, Ids, Run, RunStatus, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';

interface EventPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

export type NewRunRow = Omit<Run, 'experiment' | 'status' | 'endedAt' | 'user' | 'lifecycle' | 'artifactUri'>;

/** Adds a running run under the experiment of that name (made when it is not there), with its event. */
export async function openRun(tx: Writers, ports: EventPorts, experiment: string, run: NewRunRow, actor: string): Promise<Run> {
  return addRun(tx, ports, await tx.experiments.ensure(experiment, run.startedAt), { ...run, user: actor.replace(/^user:/, '') }, actor);
}

/** Adds a running run. `artifactRoot` is where artifacts go that the experiment has no place for. Throws `experiment_deleted`. */
export async function addRun(
  tx: Writers,
  ports: EventPorts & { readonly artifactRoot?: string },
  experiment: Experiment,
  run: NewRunRow & { readonly user: string },
  actor: string,
): Promise<Run> {
  if (experiment.lifecycle === 'deleted') throw fault('experiment_deleted', { id: experiment.id });
  const root = toExperimentRoot(ports.artifactRoot ?? PROXY_ROOT, experiment.id, experiment.artifactLocation);
  const row: Run = {
    ...run,
    experiment: experiment.id,
    status: 'running',
    endedAt: null,
    lifecycle: 'active',
    artifactUri: toRunUri(root, run.id),
  };
  await tx.runs.insert(row);
  await tx.events.append([
    toEvent(ports, 'run.created', `run/${run.id}`, actor, { run: run.id, experiment: experiment.name, name: run.name }),
  ]);
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
