import { fault, toCanonicalJson } from '@pawl/core';
import type { Clock, Database, Ids, TriggerDecision, TriggerSpec, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';

export interface TriggerService {
  /** Throws `invalid_input`, `pipeline_not_found`, `parameter_unknown`. */
  define(tx: Writers, spec: TriggerSpec, actor: string): Promise<{ readonly changed: boolean }>;
  /** Throws `trigger_not_found`. */
  get(name: string): Promise<TriggerSpec>;
  list(): Promise<readonly TriggerSpec[]>;
  /** Newest first. */
  decisions(trigger: string, limit: number): Promise<readonly TriggerDecision[]>;
}

export function createTriggerService(ports: { readonly database: Database; readonly clock: Clock; readonly ids: Ids }): TriggerService {
  const { database } = ports;

  const get = async (name: string): Promise<TriggerSpec> => {
    const spec = await database.read.triggers.get(name);
    if (spec === undefined) throw fault('trigger_not_found', { name });
    return spec;
  };

  return {
    get,
    list: () => database.read.triggers.list(),
    async define(tx, spec, actor) {
      if (!(spec.cooldownMs >= 0))
        throw fault('invalid_input', { where: `trigger "${spec.name}", cooldownMs`, problem: 'it must be 0 or more.' });
      const pipeline = await tx.pipelines.get(spec.pipeline);
      if (pipeline === undefined) throw fault('pipeline_not_found', { name: spec.pipeline });
      const known = Object.keys(pipeline.spec.params);
      const parameter = Object.keys(spec.params).find((name) => !known.includes(name));
      if (parameter !== undefined) throw fault('parameter_unknown', { pipeline: spec.pipeline, parameter, known });
      const found = await tx.triggers.get(spec.name);
      if (found !== undefined && toCanonicalJson(found) === toCanonicalJson(spec)) return { changed: false };
      await tx.triggers.put(spec);
      await tx.events.append([
        toEvent(ports, 'trigger.defined', `trigger/${spec.name}`, actor, {
          trigger: spec.name,
          pipeline: spec.pipeline,
          monitor: spec.monitor,
        }),
      ]);
      return { changed: true };
    },
    async decisions(trigger, limit) {
      await get(trigger);
      return database.read.triggers.decisions(trigger, limit);
    },
  };
}
