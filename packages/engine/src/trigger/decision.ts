import { decideTrigger, isFault } from '@pawl/core';
import type { Clock, Database, Ids, Readers, RunCause, TriggerDecision, TriggerSituation, TriggerSpec, Writers } from '@pawl/core';
import { Conflict, expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';
import type { PipelineService } from '../pipeline/service.ts';
import type { PreparedRun } from '../pipeline/start.ts';

export interface TriggerPorts {
  readonly database: Database;
  readonly pipelines: PipelineService;
  readonly clock: Clock;
  readonly ids: Ids;
}

const ACTOR = 'system:trigger';

/** What a trigger will do about one event, as far as that is known outside a transaction. */
export interface PreparedDecision {
  /** Why no run can be started now, though the trigger would; undefined when one can. */
  readonly refusal: string | undefined;
  /** Decides again, on what holds in the transaction, and writes the decision and the run. Undefined when it was decided before. Throws Conflict. */
  commit(tx: Writers): Promise<TriggerDecision | undefined>;
}

/** The cause's key is the event's id: however often it is seen, it starts one run. */
export async function prepareDecision(ports: TriggerPorts, spec: TriggerSpec, event: string, note: string): Promise<PreparedDecision> {
  const { database, clock } = ports;
  const cause: RunCause = { type: 'trigger', actor: ACTOR, key: event, event, note };
  let prepared: PreparedRun | undefined;
  let refusal: string | undefined;
  if (decideTrigger(spec, await lookAt(database.read, spec), clock.now()).start) {
    try {
      prepared = await ports.pipelines.prepare({ pipeline: spec.pipeline, params: spec.params, cause });
    } catch (error) {
      // A pipeline that is not there or data that was rejected: no better at the next try, and no reason to hold up other events.
      if (!isFault(error) || error.kind !== 'user') throw error;
      refusal = error.message;
    }
  }
  return {
    refusal,
    async commit(tx) {
      const now = clock.now();
      // One decision of a trigger at a time: the row of this lease is locked until the transaction ends.
      expectWon((await tx.leases.acquire(`trigger/${spec.name}`, ACTOR, now, now)) !== undefined);
      const verdict = decideTrigger(spec, await lookAt(tx, spec), now);
      if (!verdict.start) return write(tx, ports, spec, event, 'suppressed', verdict.reason, null);
      if (refusal !== undefined) return write(tx, ports, spec, event, 'suppressed', refusal, null);
      if (prepared === undefined) throw new Conflict();
      const { run } = await prepared.commit(tx);
      return write(tx, ports, spec, event, 'started', note, run.id);
    },
  };
}

async function lookAt(readers: Readers, spec: TriggerSpec): Promise<TriggerSituation> {
  const active = await readers.pipelines.runs({ pipeline: spec.pipeline, state: 'running' }, { limit: 1 });
  return { lastStart: await readers.triggers.lastStart(spec.name), activeRun: active.items[0]?.id };
}

async function write(
  tx: Writers,
  ports: TriggerPorts,
  spec: TriggerSpec,
  event: string,
  decision: TriggerDecision['decision'],
  reason: string,
  run: string | null,
): Promise<TriggerDecision | undefined> {
  const row: TriggerDecision = { id: ports.ids.next(), trigger: spec.name, event, decision, reason, run, at: ports.clock.now() };
  if (!(await tx.triggers.insertDecision(row))) return undefined;
  await tx.events.append([
    toEvent(ports, 'trigger.decided', `trigger/${spec.name}`, ACTOR, {
      trigger: spec.name,
      event,
      decision,
      reason,
      run,
      pipeline: spec.pipeline,
    }),
  ]);
  return row;
}
