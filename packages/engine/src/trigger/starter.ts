import { decideTrigger, fillTemplate, isFault, parameterNames, toScheduleParameters } from '@pawl/core';
import type { AlertKind, Readers, TriggerArrival, TriggerSpec, TriggerVerdict, WaitingGroup } from '@pawl/core';
import { Conflict, expectWon, retryOnConflict } from '../conflict.ts';
import type { PreparedRun } from '../pipeline/start.ts';
import type { Loop } from '../reactor/loop.ts';
import { decide } from './arrive.ts';
import { TRIGGER_ACTOR } from './ports.ts';
import type { StarterPorts } from './ports.ts';

/** Events that become one run at most; as many as may wait. */
const BATCH = 10_000;
/** A pipeline that could not be started is tried again after a minute, then ever less often. */
const REFUSAL_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** What could not be started for so long is dropped. */
const REFUSAL_END_MS = 7 * 86_400_000;

/** What is known of a group that waits, so that it is not looked at for nothing. Lost at a restart, which only makes the next look earlier. */
interface Held {
  readonly signature: string;
  readonly until: number | undefined;
  readonly pauseMs: number;
}

/**
 * Decides on what waits: condition, debounce, cool-down, concurrency, budget, in this order. All that waits becomes one run, of which every event is a cause; where the trigger asks for it
 * each its own. What was held back is looked at again when that ends, and an alert that was resolved meanwhile starts nothing.
 */
export function createTriggerStarter(ports: StarterPorts): Loop {
  const { database, clock } = ports;
  const held = new Map<string, Held>();

  const look = async (spec: TriggerSpec, group: WaitingGroup): Promise<boolean> => {
    const now = clock.now();
    const place = `${spec.name} ${group.group}`;
    const before = held.get(place);
    const state = `${group.count} ${group.last}`;
    if (before?.pauseMs !== undefined && before.pauseMs > 0 && (before.until ?? 0) > now) return false;
    if (before?.signature.startsWith(`${state} `) === true && (before.until ?? 0) > now) return false;

    const verdict = decideTrigger(spec, await situationOf(database.read, spec, group, now), now);
    const signature = `${state} ${verdict.type === 'start' ? 'start' : verdict.stage}`;
    if (verdict.type === 'wait') {
      if (before?.signature !== signature) await hold(ports, spec, group, verdict);
      held.set(place, { signature, until: verdict.until, pauseMs: 0 });
      return false;
    }
    held.delete(place);
    if (verdict.type === 'drop') {
      await database.transaction(async (tx) => {
        const dropped = dueOf(await tx.arrivals.waiting(spec.name, group.group, BATCH), now);
        await tx.arrivals.settle(idsOf(dropped), { state: 'dropped', stage: verdict.stage, reason: verdict.reason, run: null });
        await decide(tx, ports, spec, dropped, 'dropped', verdict.stage, verdict.reason, null);
      });
      return true;
    }
    if (verdict.replaces.length > 0) {
      for (const run of verdict.replaces) await ports.pipelines.cancel(run, TRIGGER_ACTOR);
      return true;
    }
    const refusal = await retryOnConflict(`Trigger "${spec.name}"`, () => start(ports, spec, group));
    if (refusal === undefined) return true;
    const pauseMs = Math.min((before?.pauseMs ?? 0) * 2 || REFUSAL_PAUSE_MS, LONGEST_PAUSE_MS);
    held.set(place, { signature: `${state} refused`, until: now + pauseMs, pauseMs });
    return false;
  };

  return {
    name: 'trigger starter',
    async tick() {
      const groups = await database.read.arrivals.waitingGroups();
      if (groups.length === 0) return false;
      const specs = new Map((await database.read.triggers.list()).map((spec) => [spec.name, spec]));
      let acted = false;
      for (const group of groups) {
        const spec = specs.get(group.trigger);
        if (spec !== undefined && group.due <= clock.now()) acted = (await look(spec, group)) || acted;
      }
      return acted;
    },
  };
}

async function situationOf(readers: Readers, spec: TriggerSpec, { group, first, last }: WaitingGroup, now: number) {
  const [[lastStart], active, starts] = await Promise.all([
    readers.triggers.starts(spec.name, group, 1),
    readers.arrivals.activeRuns(spec.pipeline, spec.maxActive + 10),
    spec.budget === null ? [] : readers.triggers.starts(spec.name, null, spec.budget),
  ]);
  const datasets =
    spec.on.kind === 'dataset' && spec.on.need === 'all'
      ? dueOf(await readers.arrivals.waiting(spec.name, group, BATCH), now).map(({ content }) =>
          fillTemplate('{{event.data.dataset}}', content),
        )
      : [];
  return { first, last, lastStart, active, starts, datasets };
}

const idsOf = (arrivals: readonly TriggerArrival[]): readonly string[] => arrivals.map(({ id }) => id);
const dueOf = (arrivals: readonly TriggerArrival[], now: number): readonly TriggerArrival[] => arrivals.filter(({ dueAt }) => dueAt <= now);

/** Says of each event of the group why it waits, where it was not said before. */
async function hold(
  ports: StarterPorts,
  spec: TriggerSpec,
  { group }: WaitingGroup,
  { stage, reason }: Pick<Extract<TriggerVerdict, { type: 'wait' }>, 'stage' | 'reason'>,
): Promise<void> {
  await ports.database.transaction(async (tx) => {
    const due = dueOf(await tx.arrivals.waiting(spec.name, group, BATCH), ports.clock.now());
    const told = due.filter((arrival) => arrival.stage !== stage);
    if (told.length === 0) return;
    await tx.arrivals.settle(idsOf(told), { state: 'waiting', stage, reason, run: null });
    await decide(tx, ports, spec, told, 'waiting', stage, reason, null);
  });
}

/** Starts a run for what waits; why it cannot be started, or undefined. Throws Conflict when something changed since it was looked at. */
async function start(ports: StarterPorts, spec: TriggerSpec, group: WaitingGroup): Promise<string | undefined> {
  const { database, clock } = ports;
  const read = await database.read.arrivals.waiting(spec.name, group.group, BATCH);
  const waiting = dueOf(read, clock.now());
  const over = await resolvedOf(database.read, spec, waiting);
  const left = waiting.filter((arrival) => !over.includes(arrival));
  const isReplaced = spec.policy === 'replace' && !spec.merge;
  const causes = spec.merge ? left : isReplaced ? left.slice(-1) : left.slice(0, 1);
  const replaced = isReplaced ? left.slice(0, -1) : [];
  const [first] = causes;
  const newest = causes.at(-1);
  let prepared: PreparedRun | undefined;
  const note = first === undefined ? '' : toNote(causes);
  if (first !== undefined && newest !== undefined) {
    try {
      prepared = await prepare(ports, spec, first, newest, note);
    } catch (error) {
      // A pipeline that is not there or data that was rejected: it may be better at a later try, and is no reason to hold up other triggers.
      if (!isFault(error) || error.kind !== 'user') throw error;
      return refuse(ports, spec, group, waiting, error.message);
    }
  }
  await database.transaction(async (tx) => {
    const now = clock.now();
    // One decision of a trigger at a time: the row of this lease is locked until the transaction ends.
    expectWon((await tx.leases.acquire(`trigger/${spec.name}`, TRIGGER_ACTOR, now, now)) !== undefined);
    const again = dueOf(await tx.arrivals.waiting(spec.name, group.group, BATCH), now);
    if (again.length < waiting.length || waiting.some((arrival, index) => again[index]?.id !== arrival.id)) throw new Conflict();
    const drop = async (arrivals: readonly TriggerArrival[], stage: 'resolved' | 'concurrency', reason: string): Promise<void> => {
      await tx.arrivals.settle(idsOf(arrivals), { state: 'dropped', stage, reason, run: null });
      await decide(tx, ports, spec, arrivals, 'dropped', stage, reason, null);
    };
    await drop(over, 'resolved', 'Its alert was resolved before a run could start.');
    if (prepared === undefined) return;
    const verdict = decideTrigger(spec, await situationOf(tx, spec, group, now), now);
    if (verdict.type !== 'start' || verdict.replaces.length > 0) throw new Conflict();
    const { run } = await prepared.commit(tx);
    await drop(replaced, 'concurrency', 'A newer event takes its place.');
    await tx.arrivals.settle(idsOf(causes), { state: 'started', stage: 'passed', reason: note, run: run.id });
    await decide(tx, ports, spec, causes, 'started', 'passed', note, run.id);
  });
  return undefined;
}

async function prepare(
  ports: StarterPorts,
  spec: TriggerSpec,
  first: TriggerArrival,
  newest: TriggerArrival,
  note: string,
): Promise<PreparedRun> {
  const { calendar, pipelines } = ports;
  const known = parameterNames((await pipelines.get(spec.pipeline)).spec);
  const schedule = first.schedule ?? undefined;
  const timezone = spec.on.kind === 'schedule' ? spec.on.timezone : 'UTC';
  const fromSchedule = schedule === undefined ? {} : toScheduleParameters(calendar, timezone, schedule, known, undefined, toIso);
  const given = Object.fromEntries(Object.entries(spec.params).map(([name, value]) => [name, fillTemplate(value, newest.content)]));
  return pipelines.prepare({
    pipeline: spec.pipeline,
    params: { ...fromSchedule, ...given },
    ...(schedule === undefined ? {} : { schedule }),
    cause: { type: 'trigger', actor: TRIGGER_ACTOR, key: `${spec.name}/${first.event}`, event: first.event, note },
  });
}

async function refuse(
  ports: StarterPorts,
  spec: TriggerSpec,
  group: WaitingGroup,
  waiting: readonly TriggerArrival[],
  reason: string,
): Promise<string> {
  ports.log.warn({ trigger: spec.name, pipeline: spec.pipeline, problem: reason }, 'a trigger could not start its pipeline');
  const old = waiting.filter(({ at }) => at < ports.clock.now() - REFUSAL_END_MS);
  if (old.length > 0)
    await ports.database.transaction(async (tx) => {
      await tx.arrivals.settle(idsOf(old), { state: 'dropped', stage: 'refused', reason, run: null });
      await decide(tx, ports, spec, old, 'dropped', 'refused', reason, null);
    });
  await hold(ports, spec, group, { stage: 'refused', reason });
  return reason;
}

/** Of alerts that were held back, those that do not fire any more. */
async function resolvedOf(readers: Readers, spec: TriggerSpec, arrivals: readonly TriggerArrival[]): Promise<readonly TriggerArrival[]> {
  const { on } = spec;
  if (on.kind !== 'alert') return [];
  const firing = new Map<string, boolean>();
  const resolved: TriggerArrival[] = [];
  for (const arrival of arrivals) {
    if (arrival.stage === 'passed' || arrival.content['type'] !== 'alert.fired') continue;
    const kind = fillTemplate('{{event.data.kind}}', arrival.content);
    if (!firing.has(kind)) firing.set(kind, (await readers.alerts.open(on.monitor, kind as AlertKind))?.state === 'firing');
    if (firing.get(kind) !== true) resolved.push(arrival);
  }
  return resolved;
}

function toNote(causes: readonly TriggerArrival[]): string {
  const newest = causes.at(-1)?.note ?? '';
  return causes.length === 1 ? newest : `${newest} ${causes.length} events became this run.`;
}

function toIso(moment: number): string {
  return new Date(moment).toISOString();
}
