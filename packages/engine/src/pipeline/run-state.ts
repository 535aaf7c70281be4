import type { PipelineRun, RunStatus, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { endRun } from '../experiment/rows.ts';
import type { MovePorts } from './events.ts';

const RUN_STATUS = { succeeded: 'finished', failed: 'failed', canceled: 'killed' } as const satisfies Record<string, RunStatus>;

function isEnded(state: PipelineRun['state']): state is keyof typeof RUN_STATUS {
  return state in RUN_STATUS;
}

/** Compare-and-sets the run's state; with a final one its experiment run ends too. Throws Conflict. */
export async function setRunState(
  tx: Writers,
  ports: MovePorts,
  run: PipelineRun,
  state: PipelineRun['state'],
  actor: string,
  options: PipelineRun['options'] = run.options,
): Promise<PipelineRun> {
  const endedAt = isEnded(state) ? ports.clock.now() : null;
  const next: PipelineRun = { ...run, state, options, endedAt, revision: run.revision + 1 };
  expectWon(await tx.pipelines.updateRun(next, run.revision));
  const { key, type, event } = run.cause;
  const told = { run: run.id, pipeline: run.pipeline, state, cause: { type, key, event } };
  if (isEnded(state)) {
    await endRun(tx, ports, run.id, RUN_STATUS[state], actor);
    await tx.events.append([toEvent(ports, 'pipeline.run_ended', `pipeline-run/${run.id}`, actor, told)]);
  } else {
    await tx.events.append([toEvent(ports, 'pipeline.run_changed', `pipeline-run/${run.id}`, actor, told)]);
  }
  return next;
}
