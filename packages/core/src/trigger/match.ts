import type { Event, EventType } from '../event/types.ts';
import type { JsonObject } from '../ports/json.ts';
import type { TriggerSource } from './types.ts';

/** What triggers are told of. */
export const triggerEvents: readonly EventType[] = [
  'alert.fired',
  'dataset.version_created',
  'model.stage_changed',
  'model.alias_set',
  'pipeline.run_ended',
];

/** What an event of ours means to a trigger, in a sentence; undefined when it is none of its business. */
export function concernsTrigger(on: TriggerSource, { type, data }: Pick<Event, 'type' | 'data'>): string | undefined {
  switch (on.kind) {
    case 'alert':
      if (type !== 'alert.fired' || data['monitor'] !== on.monitor) return undefined;
      if (on.kinds.length > 0 && !on.kinds.includes(text(data['kind']))) return undefined;
      return `Monitor "${on.monitor}" fired a ${text(data['kind'])} alert.`;
    case 'dataset':
      if (type !== 'dataset.version_created' || !on.datasets.includes(text(data['dataset']))) return undefined;
      return `Dataset "${text(data['dataset'])}" has version ${text(data['version'])}.`;
    case 'model':
      if (data['model'] !== on.model) return undefined;
      if (type === 'model.stage_changed' && on.stage !== null && data['to'] === on.stage)
        return `Version ${text(data['version'])} of model "${on.model}" reached ${on.stage}.`;
      if (type === 'model.alias_set' && on.alias !== null && data['alias'] === on.alias)
        return `Version ${text(data['version'])} of model "${on.model}" became "${on.alias}".`;
      return undefined;
    case 'pipeline':
      if (type !== 'pipeline.run_ended' || data['pipeline'] !== on.pipeline || !on.states.includes(text(data['state']))) return undefined;
      return `Run ${text(data['run'])} of pipeline "${on.pipeline}" ${text(data['state'])}.`;
    default:
      return undefined;
  }
}

/** An event of ours as templates and filters see it. */
export function toEventContent({ id, type, subject, data }: Pick<Event, 'id' | 'type' | 'subject' | 'data'>): JsonObject {
  return { id, type, source: 'pawl', subject, data };
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
