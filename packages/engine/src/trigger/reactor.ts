import { concernsTrigger, cooldownEnd } from '@pawl/core';
import type { AlertKind, Log, TriggerSpec } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import type { Loop } from '../reactor/loop.ts';
import { createReactor } from '../reactor/reactor.ts';
import { prepareDecision } from './decision.ts';
import type { TriggerPorts } from './decision.ts';

/** Every alert that fires is decided on by every trigger it concerns, once; the decision and the run it starts are written together with the cursor. */
export function createTriggerReactor(ports: TriggerPorts & { readonly log: Log }): Loop {
  return createReactor(ports, {
    name: 'trigger',
    types: ['alert.fired'],
    async handle(event) {
      const { monitor, kind } = event.data;
      if (typeof monitor !== 'string' || typeof kind !== 'string') return undefined;
      const alert = { monitor, kind };
      const specs = (await ports.database.read.triggers.list()).filter((spec) => concernsTrigger(spec, alert));
      if (specs.length === 0) return undefined;
      const note = `Monitor "${alert.monitor}" fired a ${alert.kind} alert.`;
      const decisions = await Promise.all(specs.map((spec) => prepareDecision(ports, spec, event.id, note)));
      return async (tx) => {
        for (const decision of decisions) await decision.commit(tx);
      };
    },
  });
}

const KINDS: readonly AlertKind[] = ['drift', 'quality'];
const REFUSAL_PAUSE_MS = 60_000;

/**
 * An alert that came too early is not forgotten: when the cool-down has passed and no run is under way, a trigger with suppressed alerts starts, provided
 * one of its alerts is still firing.
 */
export function createTriggerRecheck(ports: TriggerPorts & { readonly log: Log }): Loop {
  const { database, clock, log } = ports;
  /** When to look again at a trigger whose pipeline could not be started. Lost at a restart, which only makes it look earlier. */
  const notBefore = new Map<string, number>();

  const isFiring = async (spec: TriggerSpec): Promise<boolean> => {
    for (const kind of KINDS) {
      if (!concernsTrigger(spec, { monitor: spec.monitor, kind })) continue;
      if ((await database.read.alerts.open(spec.monitor, kind))?.state === 'firing') return true;
    }
    return false;
  };

  const recheck = async (spec: TriggerSpec): Promise<boolean> => {
    const now = clock.now();
    if (cooldownEnd(spec, await database.read.triggers.lastStart(spec.name), now) !== undefined || (notBefore.get(spec.name) ?? 0) > now)
      return false;
    if (!(await isFiring(spec))) return false;
    const active = await database.read.pipelines.runs({ pipeline: spec.pipeline, state: 'running' }, { limit: 1 });
    if (active.items.length > 0) return false;
    const pending = await database.read.triggers.pending(spec.name);
    const newest = pending.at(-1);
    if (newest === undefined) return false;
    const note = `Monitor "${spec.monitor}" still has an alert firing after the cool-down; ${pending.length} alert${pending.length === 1 ? ' was' : 's were'} held back meanwhile.`;
    const decision = await retryOnConflict(`Trigger "${spec.name}"`, async () => {
      const prepared = await prepareDecision(ports, spec, newest.event, note);
      if (prepared.refusal === undefined) return database.transaction((tx) => prepared.commit(tx));
      notBefore.set(spec.name, now + REFUSAL_PAUSE_MS);
      log.warn({ trigger: spec.name, pipeline: spec.pipeline, problem: prepared.refusal }, 'a trigger could not start its pipeline');
      return undefined;
    });
    return decision?.decision === 'started';
  };

  return {
    name: 'trigger recheck',
    async tick() {
      let started = false;
      for (const spec of await database.read.triggers.list()) started = (await recheck(spec)) || started;
      return started;
    },
  };
}
