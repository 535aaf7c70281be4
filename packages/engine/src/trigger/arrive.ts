import { fillTemplate, filterEvent, MOST_WAITING } from '@pawl/core';
import type {
  JsonObject,
  RunSchedule,
  TriggerArrival,
  TriggerDecision,
  TriggerOutcome,
  TriggerSpec,
  TriggerStage,
  Writers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import { TRIGGER_ACTOR } from './ports.ts';
import type { TriggerPorts } from './ports.ts';

export interface Arrival {
  /** Names the event for ever: it arrives once. */
  readonly event: string;
  /** What tells two events apart when the trigger has no key of its own. */
  readonly key: string;
  readonly note: string;
  readonly content: JsonObject;
  readonly schedule?: RunSchedule;
  /** Not looked at before, epoch ms. */
  readonly dueAt?: number;
}

/** The first steps of a decision: filter, dedupe key, and the limit of what may wait. What passes waits for the starter. False when it reached the trigger before. */
export async function arrive(tx: Writers, ports: TriggerPorts, spec: TriggerSpec, arrival: Arrival): Promise<boolean> {
  const { content } = arrival;
  const now = ports.clock.now();
  if (await tx.arrivals.has(spec.name, arrival.event)) return false;
  const key = (spec.dedupe.key === null ? arrival.key : fillTemplate(spec.dedupe.key, content)).slice(0, 1000);
  const group = spec.group === null ? '' : fillTemplate(spec.group, content).slice(0, 250);
  const refusal = await refuse(tx, spec, content, key, now);
  const row: TriggerArrival = {
    id: ports.ids.next(),
    trigger: spec.name,
    event: arrival.event,
    group,
    // A dropped event does not stand for those after it.
    key: refusal === undefined ? key : '',
    note: arrival.note,
    content,
    schedule: arrival.schedule ?? null,
    at: now,
    dueAt: arrival.dueAt ?? now,
    state: refusal === undefined ? 'waiting' : 'dropped',
    stage: refusal?.stage ?? 'passed',
    reason: refusal?.reason ?? '',
    run: null,
  };
  if (!(await tx.arrivals.insert(row))) return false;
  if (refusal !== undefined) await decide(tx, ports, spec, [row], 'dropped', refusal.stage, refusal.reason, null);
  return true;
}

async function refuse(
  tx: Writers,
  spec: TriggerSpec,
  content: JsonObject,
  key: string,
  now: number,
): Promise<{ readonly stage: TriggerStage; readonly reason: string } | undefined> {
  const filtered = filterEvent(spec, content);
  if (filtered !== undefined) return { stage: 'filter', reason: filtered };
  if (key !== '' && spec.dedupe.windowMs > 0 && (await tx.arrivals.keySince(spec.name, key, now - spec.dedupe.windowMs)))
    return { stage: 'duplicate', reason: `An event of the same key, "${key.slice(0, 200)}", came before.` };
  if ((await tx.arrivals.waitingCount(spec.name)) >= MOST_WAITING)
    return { stage: 'overflow', reason: `${MOST_WAITING} events wait already.` };
  return undefined;
}

/** Writes what was decided on events, and tells it as one event. */
export async function decide(
  tx: Writers,
  ports: TriggerPorts,
  spec: TriggerSpec,
  arrivals: readonly TriggerArrival[],
  decision: TriggerOutcome,
  stage: TriggerStage,
  reason: string,
  run: string | null,
): Promise<void> {
  const [first] = arrivals;
  if (first === undefined) return;
  const at = ports.clock.now();
  await tx.triggers.insertDecisions(
    arrivals.map(({ event, group }, index): TriggerDecision => ({
      id: ports.ids.next(),
      trigger: spec.name,
      event,
      group,
      // One of those that became a run stands for it.
      decision: decision === 'started' && index > 0 ? 'merged' : decision,
      stage,
      reason,
      run,
      at,
    })),
  );
  await tx.events.append([
    toEvent(ports, 'trigger.decided', `trigger/${spec.name}`, TRIGGER_ACTOR, {
      trigger: spec.name,
      event: first.event,
      events: arrivals.length,
      decision,
      stage,
      reason,
      run,
      pipeline: spec.pipeline,
    }),
  ]);
}
